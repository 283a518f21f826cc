// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import { Code, LadingError } from '@lading/errors';
import type { BlockIoResources } from '@lading/oci-spec';
import type { BlockRate, ResourceLimits } from '../types/container-options.ts';
import { deviceNumbers } from './devices.ts';

/** Weights and rates of block devices. @throws NotFound, InvalidArgument for what is no block device */
export function blockIoSpec(limits: ResourceLimits): BlockIoResources {
  const { blockWeight, blockWeights = [], blockReadBps = [], blockWriteBps = [] } = limits;
  const { blockReadIops = [], blockWriteIops = [] } = limits;
  return {
    ...(blockWeight !== undefined && { weight: blockWeight }),
    ...(blockWeights.length > 0 && {
      weightDevice: blockWeights.map(({ path, rate }) => ({ ...numbersOf(path), weight: rate })),
    }),
    ...(blockReadBps.length > 0 && { throttleReadBpsDevice: blockReadBps.map(throttle) }),
    ...(blockWriteBps.length > 0 && { throttleWriteBpsDevice: blockWriteBps.map(throttle) }),
    ...(blockReadIops.length > 0 && { throttleReadIOPSDevice: blockReadIops.map(throttle) }),
    ...(blockWriteIops.length > 0 && { throttleWriteIOPSDevice: blockWriteIops.map(throttle) }),
  };
}

function throttle({ path, rate }: BlockRate): { major: number; minor: number; rate: number } {
  return { ...numbersOf(path), rate };
}

function numbersOf(path: string): { major: number; minor: number } {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) {
    throw new LadingError(Code.NotFound, `the device ${path}, whose rate is to be limited, does not exist`);
  }
  if (!info.isBlockDevice()) {
    throw new LadingError(
      Code.InvalidArgument,
      `the rate of ${path} cannot be limited: it is no block device`,
    );
  }
  return deviceNumbers(info.rdev);
}
