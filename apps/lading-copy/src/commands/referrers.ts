// SPDX-License-Identifier: Apache-2.0
import type { CommandCall } from '@lading/command-line';
import { renderReport } from '@lading/go-template';
import { type ReferrerNode, readReferrers } from '@lading/image-copy';
import type { Descriptor, Digest } from '@lading/image-spec';
import { goJson } from '../go-json.ts';
import { chosenDescriptor, withImageRepository } from '../image-repository.ts';
import { referenceByDigest } from '../reference-by-digest.ts';
import { signalOf, withRetries } from '../retry.ts';

export async function run(call: CommandCall): Promise<number> {
  const { args, flags, environment } = call;
  const [text = ''] = args;
  const signal = signalOf(call);
  const { name, descriptor, referrers } = await withRetries(call, signal, () =>
    withImageRepository(call, text, 'read', async (opened) => {
      const descriptor = await chosenDescriptor(opened, flags.string('platform'), signal);
      const { repository } = opened;
      const referrers = await readReferrers(repository, descriptor.digest, {
        depth: flags.int('depth'),
        artifactType: flags.string('artifact-type'),
        digestTags: true,
        signal,
      });
      return { name: referenceByDigest(text, descriptor.digest), descriptor, referrers };
    }),
  );
  const format = flags.string('format') ?? 'tree';
  if (format === 'tree') await environment.stdout(`${[name, ...treeLines(referrers, '')].join('\n')}\n`);
  else if (format === 'json') {
    const document = { reference: name, ...shown(descriptor), referrers: referrers.map(nodeDocument) };
    await environment.stdout(`${goJson(document)}\n`);
  } else {
    const rows = rowsOf(referrers, descriptor.digest, 1);
    const template =
      format === 'table' ? 'table {{.Depth}}\t{{.ArtifactType}}\t{{.Size}}\t{{.Tag}}\t{{.Digest}}' : format;
    await environment.stdout(renderReport(template, rows, { headers: { ArtifactType: 'ARTIFACT TYPE' } }));
  }
  return 0;
}

function treeLines(nodes: readonly ReferrerNode[], indent: string): readonly string[] {
  return nodes.flatMap((node, i) => {
    const isLast = i === nodes.length - 1;
    const { descriptor, tag, referrers } = node;
    const line = `${indent}${isLast ? '└── ' : '├── '}${tag ?? typeOf(descriptor)} ${descriptor.digest}`;
    return [line, ...treeLines(referrers, `${indent}${isLast ? '    ' : '│   '}`)];
  });
}

/** Media types are checked when descriptors are read, so that none steers a terminal. */
function typeOf({ artifactType, mediaType }: Descriptor): string {
  return artifactType ?? mediaType;
}

function shown({ mediaType, digest, size, artifactType, annotations }: Descriptor) {
  return {
    digest,
    mediaType,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

interface NodeDocument extends ReturnType<typeof shown> {
  readonly tag?: string;
  readonly referrers: readonly NodeDocument[];
}

function nodeDocument({ descriptor, tag, referrers }: ReferrerNode): NodeDocument {
  return {
    ...shown(descriptor),
    ...(tag === undefined ? {} : { tag }),
    referrers: referrers.map(nodeDocument),
  };
}

interface Row {
  readonly Depth: number;
  readonly Digest: Digest;
  readonly Subject: Digest;
  readonly MediaType: string;
  readonly ArtifactType: string;
  readonly Size: number;
  readonly Tag: string;
  readonly Annotations: ReadonlyMap<string, string>;
}

function rowsOf(nodes: readonly ReferrerNode[], subject: Digest, depth: number): readonly Row[] {
  return nodes.flatMap(({ descriptor, tag, referrers }) => [
    {
      Depth: depth,
      Digest: descriptor.digest,
      Subject: subject,
      MediaType: descriptor.mediaType,
      ArtifactType: descriptor.artifactType ?? '',
      Size: descriptor.size,
      Tag: tag ?? '',
      Annotations: new Map(Object.entries(descriptor.annotations ?? {})),
    },
    ...rowsOf(referrers, descriptor.digest, depth + 1),
  ]);
}
