// SPDX-License-Identifier: Apache-2.0
import { release } from 'node:os';
import type { RuntimeHandler as HandlerMessage, Input } from '@lading/cri-api';
import type { RuntimeHandler } from '@lading/engine';
import { type FeatureQuery, supports } from '@lading/oci-spec';
import { canMapIds } from './can-map-ids.ts';

/** From 5.12 on a mount can be made read-only with all that is below it. */
const leastKernel = [5, 12] as const;

/** What each handler can do, as it says itself; one that cannot be asked can do nothing special. */
export async function featuresOf(
  handlers: Readonly<Record<string, Pick<RuntimeHandler, 'features'>>>,
  kernel: string = release(),
): Promise<readonly Input<HandlerMessage>[]> {
  return Promise.all(
    Object.entries(handlers).map(async ([name, handler]) => {
      const features = await handler.features?.().catch(() => undefined);
      const has = (query: FeatureQuery): boolean =>
        features !== undefined && supports(features, query) === true;
      const recursiveReadOnlyMounts = has({ mountOption: 'rro' }) && isNewEnough(kernel);
      const userNamespaces = has({ namespace: 'user' }) && canMapIds();
      return { name, features: { recursiveReadOnlyMounts, userNamespaces } };
    }),
  );
}

function isNewEnough(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/\D+/, 2).map(Number);
  return major > leastKernel[0] || (major === leastKernel[0] && minor >= leastKernel[1]);
}
