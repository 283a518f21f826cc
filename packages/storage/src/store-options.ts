// SPDX-License-Identifier: Apache-2.0
import type { StorageConfig } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import type { StoreOptions } from './types.ts';

/** Roots that are asked for in place of those of the configuration. */
export interface StoreRoots {
  readonly graphRoot?: string | undefined;
  readonly runRoot?: string | undefined;
  readonly imageStore?: string | undefined;
}

/**
 * The options of {@link openStore} that storage.conf asks for: `graphroot`, `runroot`, `imagestore`, `additionalimagestores`, `mountopt`,
 * `disable-volatile`, `enable_partial_images`, `transient_store`, `skip_mount_home`, `sync`, `ignore_chown_errors`, `size`, `inodes` and the `auto-userns` keys.
 *
 * @throws LadingError `unimplemented` for what would make another kind of store than this package writes: another driver,
 * a mount program, and what the configuration names as `unsupported`
 *
 * @example
 * ```ts
 * import { loadStorage } from '@lading/config';
 * import { storeOptions } from '@lading/storage';
 *
 * const { graphRoot } = storeOptions(await loadStorage({ env: {} }), { graphRoot: '/srv/images' });
 * console.log(graphRoot); // → /srv/images
 * ```
 */
export function storeOptions(config: StorageConfig, roots: StoreRoots = {}): StoreOptions {
  const { driver, mountProgram, unsupported } = config;
  const refused = [
    ...(driver === 'overlay' || driver === 'overlay2' ? [] : [`driver ${JSON.stringify(driver)}`]),
    ...(mountProgram === undefined ? [] : ['mount_program']),
    ...unsupported,
  ];
  if (refused.length > 0) {
    throw new LadingError(
      Code.Unimplemented,
      `storage.conf asks for ${refused.join(', ')}, which this store does not have; take it out, or name other roots`,
      { reason: 'UNSUPPORTED' },
    );
  }
  return {
    graphRoot: roots.graphRoot ?? config.graphRoot,
    runRoot: roots.runRoot ?? config.runRoot,
    imageStore: roots.imageStore ?? config.imageStore,
    additionalImageStores: config.additionalImageStores,
    mountOptions: config.mountOptions,
    volatileMounts: config.volatileMounts,
    partialImages: config.partialImages,
    transientStore: config.transientStore,
    homeMount: config.homeMount,
    idMappedMounts: config.idMappedMounts,
    sync: config.sync,
    ignoreChownErrors: config.ignoreChownErrors,
    autoIds: config.autoIds,
    quota: config.quota,
  };
}
