// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type Flags, usageError } from '@lading/command-line';
import type { ContainerOptions, DeviceMapping, DeviceRule } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { quote } from '@lading/go-template';

/** `VENDOR/CLASS=NAME`, as files of the Container Device Interface name devices. */
const cdiName = /^[A-Za-z][\w.-]*\/[A-Za-z][\w.-]*=[A-Za-z0-9][\w.:-]*$/;

/** All of `--device` and `--gpus`. */
export async function readDeviceFlags(
  flags: Flags,
): Promise<Pick<ContainerOptions, 'devices' | 'cdiDevices'>> {
  const texts = flags.strings('device');
  // Docker has words before the names.
  const gpus = flags.strings('gpus').map((text) => `nvidia.com/gpu=${text.replace(/^device=/, '')}`);
  const cdiDevices = [...texts.filter((text) => cdiName.test(text)), ...gpus];
  const devices = await readDevices(texts.filter((text) => !cdiName.test(text)));
  return {
    ...(devices.length > 0 && { devices }),
    ...(cdiDevices.length > 0 && { cdiDevices }),
  };
}

/** Nodes of the host; a folder stands for the devices in it. */
export async function readDevices(texts: readonly string[]): Promise<DeviceMapping[]> {
  const devices = await Promise.all(texts.map((text) => expand(parseDevice(text))));
  return devices.flat();
}

/** `HOST[:CONTAINER][:rwm]`. */
function parseDevice(text: string): Required<DeviceMapping> {
  const [hostPath = '', second, third, ...rest] = text.split(':');
  const isMode = (word: string | undefined): word is string =>
    word !== undefined && /^[rwm]{1,3}$/.test(word);
  const containerPath = second === undefined || (third === undefined && isMode(second)) ? hostPath : second;
  const permissions = third ?? (isMode(second) ? second : 'rwm');
  if (rest.length > 0 || !isAbsolute(hostPath) || !isAbsolute(containerPath) || !isMode(permissions)) {
    throw usageError(`invalid device specification: ${quote(text)}: use HOST[:CONTAINER][:PERMISSIONS]`);
  }
  return { hostPath, containerPath, permissions };
}

async function expand(device: Required<DeviceMapping>): Promise<DeviceMapping[]> {
  const { hostPath, containerPath, permissions } = device;
  const info = await stat(hostPath).catch((cause: unknown) => {
    throw new LadingError(Code.NotFound, `stat ${hostPath}: no such file or directory`, { cause });
  });
  if (!info.isDirectory()) return [device];
  const names = await readdir(hostPath);
  const kinds = await Promise.all(names.map((name) => stat(join(hostPath, name)).catch(() => undefined)));
  return names
    .filter((_name, index) => kinds[index]?.isCharacterDevice() || kinds[index]?.isBlockDevice())
    .map((name) => ({
      hostPath: join(hostPath, name),
      containerPath: join(containerPath, name),
      permissions,
    }));
}

/** `TYPE MAJOR:MINOR PERMISSIONS`, a star for every number. */
export function parseDeviceRule(text: string): DeviceRule {
  const [type = '', numbers = '', permissions = '', ...rest] = text.split(' ');
  const match = /^(\*|\d{1,9}):(\*|\d{1,9})$/.exec(numbers);
  if (permissions === '' || rest.length > 0) {
    throw usageError(
      `invalid device cgroup rule requires type, major:Minor, and access rules: ${quote(text)}`,
    );
  }
  if (type !== 'a' && type !== 'b' && type !== 'c') {
    throw usageError(`invalid device type in device-access-add: ${type}: use a, b or c`);
  }
  if (match === null) throw usageError(`invalid device numbers in ${quote(text)}: use MAJOR:MINOR`);
  if (!/^[rwm]{1,3}$/.test(permissions)) {
    throw usageError(`invalid device access in device-access-add: ${permissions}: use letters of rwm`);
  }
  const [, major, minor] = match;
  return {
    type,
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    permissions,
  };
}
