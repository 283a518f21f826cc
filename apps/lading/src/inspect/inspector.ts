// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import type { ContainerInfo, Engine } from '@lading/engine';
import { Code, hasCode, LadingError } from '@lading/errors';
import { findPod } from '../commands/pod/named-pods.ts';
import { findNetwork, listNetworks } from '../network/networks.ts';
import { containerDetails } from '../output/container-details.ts';
import { imageDetails } from '../output/image-details.ts';
import { goNames, networkDetails } from '../output/network-details.ts';
import { podDetails } from '../output/pod-details.ts';
import { detailsOf } from '../output/volume-row.ts';
import { graphDriverOf, graphDriverOfImage } from './graph-driver.ts';
import { hostFilesOf } from './host-files.ts';

/** In the order in which a name is looked for. */
const kinds = ['container', 'image', 'volume', 'network', 'pod'] as const;

/** What `inspect --type` takes. */
export const inspectKinds = ['container', 'image', 'volume', 'network', 'pod', 'all'] as const;

export type InspectKind = (typeof inspectKinds)[number];

export interface InspectorOptions {
  /** Also what containers have written. */
  readonly withSize: boolean;
  /** Fields are for a template, which calls those of networks by other names than the document. */
  readonly isTemplate: boolean;
}

/** Looks things up as `inspect` shows them. */
export function openInspector(
  call: CommandCall,
  engine: Engine,
  { withSize, isTemplate }: InspectorOptions,
): (name: string, kind: InspectKind) => Promise<unknown> {
  const lookUps: Readonly<Record<(typeof kinds)[number], (name: string) => Promise<unknown>>> = {
    async container(name) {
      if (!(await engine.containers.exists(name))) throw missing(`no such container ${name}`);
      const container = await engine.containers.inspect(name);
      const hasVolume = container.options.mounts?.some(({ type }) => type === 'volume');
      const volumes = hasVolume ? await engine.volumes.list() : [];
      const details = containerDetails(container, {
        files: await hostFilesOf(engine, container),
        imageDigest: (await engine.images.find(container.imageId))?.digest,
        mountpoints: new Map(volumes.map(({ name, mountpoint }) => [name, mountpoint])),
        imageEntrypoint: await entrypointOf(engine, container),
        isTemplate,
      });
      return {
        ...details,
        GraphDriver: await graphDriverOf(engine, container),
        ...(withSize && (await sizesOf(engine, container))),
      };
    },
    async image(name) {
      if ((await engine.images.find(name)) === undefined) throw missing(`${name}: image not known`);
      const image = await engine.images.inspect(name);
      return imageDetails(image, graphDriverOfImage(engine, image), isTemplate);
    },
    async volume(name) {
      return (await detailsOf(engine, [await engine.volumes.inspect(name)]))[0];
    },
    async network(name) {
      const details = networkDetails(findNetwork(await listNetworks(call), name));
      return isTemplate ? goNames(details) : details;
    },
    async pod(name) {
      return podDetails(await findPod(engine, name), isTemplate);
    },
  };
  return async (name, kind) => {
    if (kind !== 'all') return lookUps[kind](name);
    for (const each of kinds) {
      try {
        return await lookUps[each](name);
      } catch (reason) {
        if (!hasCode(reason, Code.NotFound)) throw reason;
      }
    }
    throw missing(`no such object: "${name}"`);
  };
}

/** Of the image, where the container has none of its own: an image that is gone by now had one that nobody knows. */
async function entrypointOf(engine: Engine, { imageId, options }: ContainerInfo): Promise<readonly string[]> {
  if (options.entrypoint !== undefined || options.rootfs !== undefined) return [];
  try {
    return (await engine.images.inspect(imageId)).config.config?.Entrypoint ?? [];
  } catch (reason) {
    if (hasCode(reason, Code.NotFound)) return [];
    throw reason;
  }
}

async function sizesOf(engine: Engine, container: ContainerInfo) {
  const [{ layer }, image] = await Promise.all([
    engine.usage.container(container),
    engine.images.find(container.imageId),
  ]);
  const SizeRw = layer?.bytes ?? 0;
  return { SizeRw, SizeRootFs: SizeRw + (image?.sizeBytes ?? 0) };
}

function missing(problem: string): LadingError {
  return new LadingError(Code.NotFound, problem);
}
