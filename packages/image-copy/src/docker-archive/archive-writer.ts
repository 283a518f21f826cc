// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { Code, LadingError } from '@lading/errors';
import { chainIds, type Descriptor, digestHex, parseReference } from '@lading/image-spec';
import { endOfArchive, paddingAfter, tarMemberHeader } from '@lading/layer';
import { once } from '../once.ts';

/** What an archive is written to, piece by piece. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>;

/** An image whose blobs are in the archive. */
interface WrittenImage {
  readonly config: Descriptor;
  readonly configBytes: Uint8Array;
  readonly layers: readonly Descriptor[];
  /** Full names with tags. */
  readonly tags: readonly string[];
}

/** Writes the format of `docker save`, one call at a time, byte for byte as skopeo and podman write it. */
export interface ArchiveWriter {
  layer(layer: Descriptor, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  config(config: Descriptor, bytes: Uint8Array): Promise<void>;
  image(image: WrittenImage): Promise<void>;
  end(): Promise<void>;
}

export function createArchiveWriter(write: WriteBytes): ArchiveWriter {
  const items = new Map<string, { Config: string; RepoTags: string[]; Layers: string[] }>();
  const repositories = new Map<string, Map<string, string>>();
  const legacy = new Set<string>();

  async function file(name: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    await write(tarMemberHeader({ name, size, mode: 0o444 }));
    let written = 0;
    for await (const chunk of bytes) {
      written += chunk.length;
      await write(chunk);
    }
    if (written !== size) {
      throw new LadingError(Code.DataLoss, `${name} has ${written} bytes instead of ${size}`, {
        reason: 'SIZE_MISMATCH',
      });
    }
    await write(paddingAfter(size));
  }
  const text = (name: string, content: string): Promise<void> => {
    const bytes = Buffer.from(content);
    return file(name, bytes.length, once(bytes));
  };

  /** Folders, one a layer, which Docker before 1.10 reads. */
  async function legacyLayer(id: string, layer: Descriptor, document: string): Promise<void> {
    if (legacy.has(id)) return;
    legacy.add(id);
    const linkName = `../${layerName(layer)}`;
    await write(tarMemberHeader({ name: `${id}/layer.tar`, type: 'symlink', size: 0, mode: 0, linkName }));
    await text(`${id}/VERSION`, '1.0');
    await text(`${id}/json`, document);
  }

  async function legacyImage({ configBytes, layers, tags }: WrittenImage): Promise<void> {
    const chain = await chainIds(layers.map(({ digest }) => digest));
    let parent: string | undefined;
    for (const [i, layer] of layers.entries()) {
      const top = i === layers.length - 1 ? legacyConfig(configBytes) : {};
      const document = { ...top, ...(parent === undefined ? {} : { parent }) };
      const id = createHash('sha256')
        .update(goJson({ ...document, layer_id: chain[i] }))
        .digest('hex');
      await legacyLayer(id, layer, goJson({ ...document, id }));
      parent = id;
    }
    if (parent === undefined) return;
    for (const tag of tags) {
      const { host, repository, tag: name = 'latest' } = parseReference(tag);
      const full = `${host}/${repository}`;
      const known = repositories.get(full) ?? new Map<string, string>();
      repositories.set(full, known.set(name, parent));
    }
  }

  return {
    layer: (layer, bytes) => file(layerName(layer), layer.size, bytes),
    config: (config, bytes) => file(configName(config), config.size, once(bytes)),
    async image(image) {
      await legacyImage(image);
      const name = configName(image.config);
      const item = items.get(name) ?? { Config: name, RepoTags: [], Layers: image.layers.map(layerName) };
      items.set(name, item);
      for (const tag of image.tags) if (!item.RepoTags.includes(tag)) item.RepoTags.push(tag);
    },
    async end() {
      await text('manifest.json', escapeHtml(JSON.stringify([...items.values()])));
      const tags = [...repositories].map(([name, known]) => [name, sorted(Object.fromEntries(known))]);
      await text('repositories', goJson(Object.fromEntries(tags)));
      await write(endOfArchive);
    },
  };
}

function layerName({ digest }: Descriptor): string {
  return `${digestHex(digest)}.tar`;
}

function configName({ digest }: Descriptor): string {
  return `${digestHex(digest)}.json`;
}

const legacyMembers = [
  ...['architecture', 'config', 'container', 'container_config', 'created', 'docker_version', 'os'],
] as const;

function legacyConfig(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const members = new Map<string, unknown>(Object.entries(document ?? {}));
  return Object.fromEntries(legacyMembers.map((name) => [name, members.get(name) ?? null]));
}

/** JSON as Go writes maps: members by name, and what HTML would read escaped. */
function goJson(document: Readonly<Record<string, unknown>>): string {
  return escapeHtml(JSON.stringify(sorted(document)));
}

function sorted(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(document).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function escapeHtml(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
