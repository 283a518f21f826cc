// SPDX-License-Identifier: Apache-2.0
import type { Digest, ImageConfig, Manifest } from '@lading/image-spec';
import { goTime } from './go-json.ts';

/** What skopeo tells of an image, under its names and in its order. */
export interface ImageInfo {
  readonly Name?: string;
  readonly Digest: Digest;
  readonly RepoTags: readonly string[];
  readonly Created: string | null;
  readonly DockerVersion: string;
  readonly Labels: ReadonlyMap<string, string> | null;
  readonly Architecture: string;
  readonly Os: string;
  readonly Layers: readonly Digest[];
  readonly LayersData: readonly LayerInfo[];
  readonly Env: readonly string[] | null;
}

interface LayerInfo {
  readonly MIMEType: string;
  readonly Digest: Digest;
  readonly Size: number;
  readonly Annotations: ReadonlyMap<string, string> | null;
}

/** @param digest of what the reference names, which is the index where there is one */
export function imageInfo(
  name: string | undefined,
  digest: Digest,
  tags: readonly string[],
  manifest: Manifest,
  config: ImageConfig,
): ImageInfo {
  const dockerVersion: unknown = 'docker_version' in config ? config.docker_version : '';
  return {
    ...(name === undefined ? {} : { Name: name }),
    Digest: digest,
    RepoTags: tags,
    Created: goTime(config.created),
    DockerVersion: typeof dockerVersion === 'string' ? dockerVersion : '',
    Labels: mapOf(config.config?.Labels),
    Architecture: config.architecture,
    Os: config.os,
    Layers: manifest.layers.map((layer) => layer.digest),
    LayersData: manifest.layers.map((layer) => ({
      MIMEType: layer.mediaType,
      Digest: layer.digest,
      Size: layer.size,
      Annotations: mapOf(layer.annotations),
    })),
    Env: config.config?.Env ?? null,
  };
}

function mapOf(record: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> | null {
  return record === undefined ? null : new Map(Object.entries(record));
}
