// SPDX-License-Identifier: Apache-2.0
import { hostname as hostName } from 'node:os';
import { join } from 'node:path';
import { Code, hasCode, LadingError } from '@lading/errors';
import type { IdMapping, NewContainer, ContainerRecord as StoreRecord } from '@lading/storage';
import { type Context, namesLock, readContainer, runtimeOf, type StoredContainer } from '../core/context.ts';
import { createUndo } from '../core/undo.ts';
import { healthCheckOf } from '../health/health-check-of.ts';
import { checkName, containerOf, randomId, randomName } from '../names.ts';
import { readPod } from '../pods/read-pod.ts';
import { withPodDefaults } from '../pods/with-pod-defaults.ts';
import { noImage } from '../rootfs/folder-rootfs.ts';
import { checkOptions } from '../spec/check-options.ts';
import { checkProfiles } from '../spec/check-profiles.ts';
import { composeProcess } from '../spec/process.ts';
import { startsSystemd } from '../spec/systemd.ts';
import type { ContainerMount, ContainerOptions } from '../types/container-options.ts';
import type { CreateOptions } from '../types/containers.ts';
import type { ImageDetails } from '../types/images.ts';
import type { PodRecord } from '../types/pods.ts';
import type { ContainerSecret } from '../types/secrets.ts';
import { checkVolumes, imageVolumeMounts, withVolumes } from '../volumes/container-volumes.ts';
import { checkImageFolders, withImageIds } from './image-mounts.ts';
import { removeOrphan } from './remove-orphan.ts';

/** Makes storage and record of a container; mounts nothing. */
export async function createContainer(
  context: Context,
  given: ContainerOptions,
  call: CreateOptions = {},
): Promise<StoredContainer> {
  checkOptions(given);
  if (given.name !== undefined) await checkFree(context, given.name);
  const pod =
    given.pod === undefined ? undefined : await readPod(context, await context.pods.resolve(given.pod));
  const options = pod === undefined ? given : withPodDefaults(given, pod);
  const runtime = options.runtime ?? pod?.options.runtime ?? context.runtimes.defaultName;
  const isOfPod = pod?.options.runtime === runtime;
  runtimeOf(context, { id: isOfPod ? pod.id : '', runtime });
  const image = options.rootfs === undefined ? await findImage(context, options, call) : noImage;
  const maps = await mapsOf(context, options, pod);
  const requires =
    options.requires && (await (await import('./required.ts')).requiredIds(context, options.requires));
  await checkProfiles(options, context.cdiSpecDirs);
  const id = randomId();
  const name = options.name ?? (await freeName(context));

  // Whoever finds storage without a record tries this lock before taking it for a leftover.
  return context.locks.hold(id, async () => {
    const undo = createUndo();
    try {
      const ofImage = imageVolumeMounts(Object.keys(image.config.config?.Volumes ?? {}), options);
      const volumes = await withVolumes(context, [...(options.mounts ?? []), ...ofImage]);
      undo.add(volumes.undo);
      const mounts = await withImageIds(context, volumes.mounts);
      await checkImageFolders(context, id, mounts);
      const secrets = await secretsOf(context, options);
      const record = await makeStorage(mounts, secrets);
      if (secrets !== undefined)
        await (await import('../secrets/container-secrets.ts')).copySecrets(context, record);
      await context.locks.hold(namesLock, async () => {
        await checkFree(context, name);
        // It may have been removed meanwhile, and who removes one looks for its containers under this lock.
        if (pod !== undefined) await readPod(context, pod.id);
        await checkVolumes(context, record.options);
        await context.containers.add(record, { durable: options.autoRemove !== true });
        if (isOfPod) context.runtimes.join(id, pod.id);
      });
      return record;
    } catch (error) {
      undo.add(() => context.locks.forget(id));
      throw await undo.unwind(error);
    }

    async function makeStorage(
      mounts: readonly ContainerMount[],
      secrets: readonly ContainerSecret[] | undefined,
    ): Promise<StoredContainer> {
      const createdAt = context.now();
      const layer = image.layers.at(-1);
      const request = {
        id,
        names: [name],
        imageId: image.id,
        ...(layer !== undefined && { layer }),
        metadata: JSON.stringify({
          'image-name': image.names[0] ?? '',
          'image-id': image.id,
          name,
          'created-at': Math.floor(createdAt.getTime() / 1000),
          'created-by': 'lading',
        }),
        ...(options.autoRemove && { flags: { Volatile: true } }),
        ...maps,
        quota: options.storageQuota,
      };
      const { uidMap, gidMap } = await makeStored(request);
      undo.add(() => context.store.containers.delete(id));
      const hostname =
        options.hostname ?? hostnameOfPod(pod) ?? (options.network === 'host' ? hostName() : id.slice(0, 12));
      const bundle = context.store.containers.directory(id);
      const imageConfig = image.config.config ?? {};
      const healthCheck = healthCheckOf(imageConfig, options);
      const process = composeProcess(imageConfig, options, hostname);
      const systemd = startsSystemd(options, process.args);
      return {
        version: 1,
        id,
        name,
        createdAt: createdAt.toISOString(),
        imageId: image.id,
        imageName: nameOf(image, options.image),
        options: {
          ...options,
          name,
          hostname,
          ...(mounts && { mounts }),
          ...(options.systemd !== undefined && { systemd }),
          ...(secrets && { secrets }),
          ...(requires && { requires }),
        },
        ...(pod !== undefined && { podId: pod.id }),
        runtime,
        process,
        stopSignal: options.stopSignal ?? imageConfig.StopSignal ?? (systemd ? 'SIGRTMIN+3' : 'SIGTERM'),
        stopTimeoutMs: options.stopTimeoutMs ?? 10_000,
        logPath: options.logPath ?? join(bundle, 'ctr.log'),
        bundle,
        restartCount: 0,
        ...(healthCheck && { healthCheck }),
        ...(uidMap.length + gidMap.length > 0 && {
          idMaps: { uidMap: filled(uidMap), gidMap: filled(gidMap) },
        }),
      };
    }

    async function makeStored(request: NewContainer): Promise<StoreRecord> {
      const { signal } = call;
      try {
        return await context.store.containers.create(request, { signal });
      } catch (error) {
        // Left by a process that was killed between storage and record.
        if (!hasCode(error, Code.AlreadyExists) || !(await removeOrphan(context, name))) throw error;
        return await context.store.containers.create(request, { signal });
      }
    }
  });
}

/** Few containers have any: what finds them is not loaded for the others. */
async function secretsOf(
  context: Context,
  { secrets = [] }: ContainerOptions,
): Promise<readonly ContainerSecret[] | undefined> {
  if (secrets.length === 0) return undefined;
  return (await import('../secrets/container-secrets.ts')).findSecrets(context, secrets);
}

/** A map that was left out is that of the host. */
function filled(map: readonly IdMapping[]): readonly IdMapping[] {
  return map.length > 0 ? map : [{ containerId: 0, hostId: 0, size: 0xffff_ffff }];
}

async function mapsOf(
  context: Context,
  { idMaps, namespaces }: ContainerOptions,
  pod: PodRecord | undefined,
): Promise<Pick<NewContainer, 'uidMap' | 'gidMap' | 'autoMaps'>> {
  const shared = namespaces?.user;
  if (idMaps === undefined && shared === undefined) return { ...pod?.options.idMaps };
  if (pod !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      'a container of a pod has the ids of its pod: give them to the pod',
      { reason: 'ID_MAP' },
    );
  }
  if (shared === undefined)
    return idMaps !== undefined && 'auto' in idMaps ? { autoMaps: idMaps.auto } : { ...idMaps };
  if (idMaps !== undefined) {
    throw new LadingError(
      Code.InvalidArgument,
      'idMaps and the user namespace of another container exclude each other',
      {
        reason: 'ID_MAP',
      },
    );
  }
  // Another one with the ids of the host has no namespace of its own to share.
  return (await readContainer(context, await context.containers.resolve(containerOf(shared)))).idMaps ?? {};
}

async function findImage(
  context: Context,
  options: ContainerOptions,
  call: CreateOptions,
): Promise<ImageDetails> {
  const policy = options.pull ?? 'missing';
  if (policy === 'missing' || policy === 'never') {
    try {
      return await context.images.inspect(options.image);
    } catch (error) {
      const unknown = error instanceof LadingError && error.reason === 'IMAGE_UNKNOWN';
      if (!unknown || policy === 'never') throw error;
    }
  }
  const pulled = await context.images.pull(options.image, {
    policy,
    ...(options.platform && { platform: options.platform }),
    ...(call.signal && { signal: call.signal }),
    ...(call.onProgress && { onProgress: call.onProgress }),
  });
  return context.images.inspect(pulled.id);
}

/** The name of the image that was meant, when it was asked for by name. */
function nameOf(image: Pick<ImageDetails, 'id' | 'names'>, asked: string): string {
  if (image.id.startsWith(asked)) return image.names[0] ?? image.id;
  return (
    image.names.find((name) => name === asked || name.endsWith(`/${asked}`) || name.includes(`/${asked}:`)) ??
    image.names[0] ??
    image.id
  );
}

function hostnameOfPod(pod: PodRecord | undefined): string | undefined {
  return pod?.options.namespaces?.uts === 'private' ? undefined : pod?.hostname;
}

/** Containers and pods share one space of names, as they do with podman. */
export async function checkFree(context: Context, name: string): Promise<void> {
  checkName(name);
  const [container, pod] = await Promise.all([
    context.containers.idOfName(name),
    context.pods.idOfName(name),
  ]);
  const owner = container ?? pod;
  if (owner !== undefined) {
    throw new LadingError(
      Code.AlreadyExists,
      `the name "${name}" is in use by ${container === undefined ? 'pod' : 'container'} ${owner.slice(0, 12)}; remove that one, or choose another name`,
      { reason: 'NAME_IN_USE', details: { id: owner } },
    );
  }
}

export async function freeName(context: Context): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const name = randomName();
    const [container, pod] = await Promise.all([
      context.containers.idOfName(name),
      context.pods.idOfName(name),
    ]);
    if (container === undefined && pod === undefined) return name;
  }
  return `${randomName()}_${randomId().slice(0, 8)}`;
}
