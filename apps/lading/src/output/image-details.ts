// SPDX-License-Identifier: Apache-2.0
import type { ImageDetails } from '@lading/engine';
import { parseGoTime } from '@lading/go-template';
import { type ImageConfig, manifestTypeOf } from '@lading/image-spec';
import type { GraphDriver } from '../inspect/graph-driver.ts';
import { omitEmpty } from './omit-empty.ts';

/** What `inspect` shows of an image, in podman's words; Maps where Go has maps. */
export function imageDetails(
  image: ImageDetails,
  graphDriver: GraphDriver,
  isTemplate: boolean,
): Readonly<Record<string, unknown>> {
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
    Created: isTemplate ? parseGoTime(image.createdAt) : image.createdAt,
    Config: imageConfig(image),
    Version: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    GraphDriver: graphDriver,
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Labels: labels.size === 0 && !isTemplate ? null : labels,
    Annotations: new Map(Object.entries(annotationsOf(image.manifest))),
    ManifestType: manifestTypeOf(image.manifest),
    User: config.config?.User ?? '',
    History: isTemplate ? (config.history ?? []).map(goHistory) : (config.history ?? []),
    NamesHistory: image.names,
    ...(isTemplate && { HealthCheck: config.config?.Healthcheck ?? null }),
    ...(!isTemplate && config.config?.Healthcheck && { Healthcheck: config.config.Healthcheck }),
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
    ArgsEscaped: config.ArgsEscaped ?? false,
  });
}

/** An entry of the history by the names that its fields have in Go. */
function goHistory(entry: NonNullable<ImageConfig['history']>[number]) {
  return {
    Created: parseGoTime(entry.created ?? ''),
    CreatedBy: entry.created_by ?? '',
    Author: entry.author ?? '',
    Comment: entry.comment ?? '',
    EmptyLayer: entry.empty_layer ?? false,
  };
}

function annotationsOf(bytes: Uint8Array): object {
  const manifest: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const annotations = Object.entries(manifest ?? {}).find(([key]) => key === 'annotations')?.[1];
  return typeof annotations === 'object' && annotations !== null ? annotations : {};
}
