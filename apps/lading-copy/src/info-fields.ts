// SPDX-License-Identifier: Apache-2.0
import { parseGoTime } from '@lading/go-template';
import { digestField } from './digest-field.ts';
import type { ImageInfo } from './image-info.ts';

/** The summary for Go templates: every field is there, digests and the time have their methods. */
export function infoFields(info: ImageInfo): Readonly<Record<string, unknown>> {
  const { Digest, RepoTags, Created, DockerVersion, Labels, Architecture, Os, Layers, LayersData, Env } =
    info;
  return {
    Name: info.Name ?? '',
    Tag: '',
    Digest: digestField(Digest),
    RepoTags,
    Created: Created === null ? null : (parseGoTime(Created) ?? null),
    DockerVersion,
    Labels: Labels ?? new Map(),
    Architecture,
    Os,
    Layers,
    LayersData: LayersData.map((layer) => ({
      ...layer,
      Digest: digestField(layer.Digest),
      Annotations: layer.Annotations ?? new Map(),
    })),
    Env: Env ?? [],
  };
}
