// SPDX-License-Identifier: Apache-2.0
import type { ImageDetails } from '@lading/engine';
import { omitEmpty } from './omit-empty.ts';

/** What `inspect` shows of an image, in podman's words; Maps where Go has maps. */
export function imageDetails(image: ImageDetails, isTemplate: boolean): Readonly<Record<string, unknown>> {
  const { config } = image;
  const labels = new Map(Object.entries(image.labels));
  return {
    Id: image.id,
    // Go's own name of the field.
    ...(isTemplate && { ID: image.id }),
    Digest: image.digest ?? '',
    RepoTags: image.names,
    RepoDigests: image.repoDigests,
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: image.createdAt,
    Config: imageConfig(image),
    Version: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    GraphDriver: { Name: 'overlay', Data: new Map<string, string>() },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Labels: labels.size === 0 && !isTemplate ? null : labels,
    Annotations: new Map(Object.entries(manifestField(image.manifest, 'annotations'))),
    ManifestType: String(manifestField(image.manifest, '').mediaType ?? ''),
    User: config.config?.User ?? '',
    History: config.history ?? [],
    NamesHistory: image.names,
  };
}

function imageConfig({ config: { config = {} } }: ImageDetails) {
  const set = (value: Readonly<Record<string, unknown>> | undefined) => new Map(Object.entries(value ?? {}));
  return omitEmpty({
    User: config.User ?? '',
    ExposedPorts: set(config.ExposedPorts),
    Env: config.Env ?? [],
    Entrypoint: config.Entrypoint ?? [],
    Cmd: config.Cmd ?? [],
    Volumes: set(config.Volumes),
    WorkingDir: config.WorkingDir ?? '',
    Labels: set(config.Labels),
    StopSignal: config.StopSignal ?? '',
  });
}

/** A member of the manifest that is an object, or with the empty name the manifest itself. */
function manifestField(bytes: Uint8Array, name: string): Readonly<Record<string, unknown>> {
  const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const value = name === '' ? manifest : Object.entries(manifest ?? {}).find(([key]) => key === name)?.[1];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
