// SPDX-License-Identifier: Apache-2.0
import { release } from 'node:os';
import type { RuntimeHandlerFeatures } from '@lading/cri-api';
import type { RuntimeHandler } from '@lading/engine';
import { LadingError } from '@lading/errors';
import { type FeatureQuery, supports } from '@lading/oci-spec';
import { canMapIds } from './can-map-ids.ts';

/** From 5.12 on a mount can be made read-only with all that is below it. */
const leastKernel = [5, 12] as const;

/** What is known of a handler. */
export interface AskedHandler {
  readonly name: string;
  readonly features: HandlerFeatures;
  /** Why it cannot be asked, or cannot make containers. */
  readonly failure?: LadingError;
}

type HandlerFeatures = Required<Pick<RuntimeHandlerFeatures, 'recursiveReadOnlyMounts' | 'userNamespaces'>>;

/** What each handler can do, as it says itself; one that does not say can do nothing special. */
export async function askHandlers(
  handlers: Readonly<Record<string, Pick<RuntimeHandler, 'features' | 'check'>>>,
  kernel: string = release(),
): Promise<readonly AskedHandler[]> {
  return Promise.all(
    Object.entries(handlers).map(async ([name, handler]) => {
      const none = { recursiveReadOnlyMounts: false, userNamespaces: false };
      try {
        await handler.check?.();
        const features = await handler.features?.();
        const has = (query: FeatureQuery): boolean =>
          features !== undefined && supports(features, query) === true;
        const recursiveReadOnlyMounts = has({ mountOption: 'rro' }) && isNewEnough(kernel);
        const userNamespaces = has({ namespace: 'user' }) && canMapIds();
        return { name, features: { recursiveReadOnlyMounts, userNamespaces } };
      } catch (error) {
        return { name, features: none, failure: LadingError.from(error) };
      }
    }),
  );
}

function isNewEnough(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/\D+/, 2).map(Number);
  return major > leastKernel[0] || (major === leastKernel[0] && minor >= leastKernel[1]);
}
