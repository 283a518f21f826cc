// SPDX-License-Identifier: Apache-2.0
import { type CommandCall, singleLine } from '@lading/command-line';
import type { Engine } from '@lading/engine';
import { Code, hasCode } from '@lading/errors';
import { toJson } from '@lading/go-template';
import { openSource } from '@lading/image-copy';
import { type Descriptor, isIndexType, MediaType } from '@lading/image-spec';
import { withEngine } from '../../engine.ts';
import { findList } from '../../lists/image-list.ts';
import { transportContext } from '../../options/registry-context.ts';

export async function run(call: CommandCall): Promise<number> {
  const [name = ''] = call.args;
  const shown = await withEngine(call, async (engine) => {
    try {
      return listDocument((await findList(engine, name)).index.manifests);
    } catch (error) {
      if (!hasCode(error, Code.NotFound) && !hasCode(error, Code.FailedPrecondition)) throw error;
      return remoteDocument(call, engine, name);
    }
  });
  await call.environment.stdout(`${toJson(shown, 4)}\n`);
  return 0;
}

/** In the words of Docker's lists, whichever the format is, as podman shows them. */
function listDocument(entries: readonly Descriptor[]): unknown {
  const manifests = entries.map(({ mediaType, size, digest, platform, annotations }) => ({
    mediaType,
    size,
    digest,
    platform: platform ?? { architecture: '', os: '' },
    ...(annotations === undefined ? {} : { annotations: new Map(Object.entries(annotations)) }),
  }));
  return {
    schemaVersion: 2,
    mediaType: MediaType.DockerManifestList,
    manifests: manifests.length === 0 ? null : manifests,
  };
}

/** What is no list here is looked for at its registry. */
async function remoteDocument(call: CommandCall, engine: Engine, name: string): Promise<unknown> {
  const { environment } = call;
  const source = await openSource(`docker://${name}`, await transportContext(call, engine.store));
  try {
    const { bytes, mediaType } = await source.manifest(undefined, { signal: environment.signal });
    if (!isIndexType(mediaType)) {
      await environment.stderr(
        `Warning! The manifest type ${singleLine(mediaType)} is not a manifest list but a single image.\n`,
      );
    }
    return JSON.parse(Buffer.from(bytes).toString());
  } finally {
    await source.close();
  }
}
