// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import {
  isDescriptor,
  isImageConfig,
  isImageLayout,
  isIndex,
  isManifest,
  MediaType,
  parseDescriptor,
  parseImageConfig,
  parseImageLayout,
  parseIndex,
  parseManifest,
} from '@lading/image-spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutated } from '../../../../tools/test-support/mutated.ts';
import { schemaArbitrary } from '../../../../tools/test-support/schema-arbitrary.ts';
import { compileSchema } from '../../../../tools/test-support/vectors.ts';
import {
  isRegisteredForm,
  isString,
  lenientDescriptor,
  refusedDescriptor,
  strictDescriptor,
} from './descriptor-exceptions.ts';
import {
  emptyForNone,
  emptyForNull,
  expected,
  isObject,
  itemsOf,
  lookAlike,
  memberOf,
  unreachedValue,
  within,
  withoutNull,
} from './exceptions.ts';

interface Case {
  readonly schema: string;
  readonly parse: (input: string) => unknown;
  readonly is: (value: unknown) => boolean;
  readonly lenient: readonly ((value: unknown) => unknown)[];
  readonly strict: Readonly<Record<string, (value: unknown) => boolean>>;
  /** Names that a mutation adds or gives. */
  readonly names: readonly string[];
}

const descriptorNames = [
  'mediaType',
  'digest',
  'size',
  'urls',
  'annotations',
  'data',
  'platform',
  'artifactType',
];
const manifestNames = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'subject',
  'annotations',
];
const indexNames = ['schemaVersion', 'mediaType', 'artifactType', 'manifests', 'subject', 'annotations'];

/** Of a document with descriptors in these members. */
function strictDocument(
  types: readonly string[],
  known: readonly string[],
  foreign: readonly string[],
): Case['strict'] {
  return {
    'its media type is one of such documents': (value) => {
      const type = memberOf(value, 'mediaType') ?? undefined;
      return type !== undefined && !types.includes(String(type));
    },
    'it has no members of another kind of document': (value) =>
      foreign.some((name) => (memberOf(value, name) ?? undefined) !== undefined),
    'no member differs from a known one in case alone': (value) => lookAlike(value, known, foreign),
    'the value of every annotation counts': (value) =>
      unreachedValue(memberOf(value, 'annotations'), isString),
    'the stricter rules for its descriptors': (value) =>
      [
        memberOf(value, 'config'),
        memberOf(value, 'subject'),
        ...itemsOf(value, 'layers'),
        ...itemsOf(value, 'manifests'),
      ].some(refusedDescriptor),
  };
}

const container = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
];

const cases: Readonly<Record<string, Case>> = {
  descriptor: {
    schema: 'content-descriptor.json',
    parse: parseDescriptor,
    is: isDescriptor,
    lenient: [lenientDescriptor],
    strict: strictDescriptor,
    names: [...descriptorNames, 'Digest', 'sizE'],
  },
  manifest: {
    schema: 'image-manifest-schema.json',
    parse: parseManifest,
    is: isManifest,
    lenient: [
      withoutNull('mediaType', 'artifactType', 'subject', 'annotations'),
      emptyForNull('layers'),
      within('config', lenientDescriptor),
      within('subject', lenientDescriptor),
      within('layers', lenientDescriptor),
      // A manifest may have no layers; the schema is asked about the rest.
      (value) =>
        isObject(value) && Array.isArray(value.layers) && value.layers.length === 0
          ? { ...value, layers: [layer] }
          : value,
    ],
    strict: strictDocument([MediaType.ImageManifest, MediaType.DockerManifest], manifestNames, [
      'manifests',
      'fsLayers',
    ]),
    names: [...manifestNames, 'manifests', 'fsLayers', 'Layers', 'platform', 'data'],
  },
  index: {
    schema: 'image-index-schema.json',
    parse: parseIndex,
    is: isIndex,
    lenient: [
      withoutNull('mediaType', 'artifactType', 'subject', 'annotations'),
      emptyForNull('manifests'),
      within('subject', lenientDescriptor),
      within('manifests', lenientDescriptor),
    ],
    strict: strictDocument([MediaType.ImageIndex, MediaType.DockerManifestList], indexNames, [
      'layers',
      'config',
      'fsLayers',
    ]),
    names: [...indexNames, 'layers', 'config', 'fsLayers', 'MANIFESTS', 'data', 'artifactType'],
  },
  config: {
    schema: 'config-schema.json',
    parse: parseImageConfig,
    is: isImageConfig,
    lenient: [
      withoutNull('created', 'author', 'os.version', 'os.features', 'variant', 'config', 'history'),
      within('config', withoutNull(...container)),
      within('rootfs', emptyForNone('diff_ids')),
      within('history', withoutNull('created', 'author', 'created_by', 'comment', 'empty_layer')),
    ],
    strict: {
      'a diffID is a digest': (value) =>
        itemsOf(memberOf(value, 'rootfs'), 'diff_ids').some((id) => !isDigestText(id)),
      'the value of every label, port and volume counts': (value) => {
        const config = memberOf(value, 'config');
        return (
          unreachedValue(memberOf(config, 'Labels'), isString) ||
          unreachedValue(memberOf(config, 'ExposedPorts'), isObject) ||
          unreachedValue(memberOf(config, 'Volumes'), isObject)
        );
      },
    },
    names: [...container, 'created', 'history', 'os.version', 'container_config'],
  },
  layout: {
    schema: 'image-layout-schema.json',
    parse: parseImageLayout,
    is: isImageLayout,
    lenient: [],
    strict: {},
    names: ['imageLayoutVersion'],
  },
};

const hex = '5b'.repeat(32);
const layer = { mediaType: 'a/b', digest: `sha256:${hex}`, size: 1 };
const digestText = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

function isDigestText(value: unknown): boolean {
  return (
    typeof value === 'string' && value.length <= 256 && digestText.test(value) && isRegisteredForm(value)
  );
}

/** The generator knows only what the schema says; this makes documents likely that the parser takes too. */
function likely(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document), (key, member: unknown) => {
    if (key === 'diff_ids' && Array.isArray(member)) return member.map(() => `sha256:${hex}`);
    if (!isObject(member) || key === 'annotations') return member;
    const { data, size, mediaType } = member;
    return {
      ...member,
      ...(typeof data === 'string' && typeof size === 'number'
        ? { size: size % 9, data: Buffer.alloc(size % 9).toString('base64') }
        : {}),
      ...('layers' in member && mediaType !== undefined ? { mediaType: MediaType.ImageManifest } : {}),
      ...('manifests' in member && mediaType !== undefined
        ? { mediaType: MediaType.DockerManifestList }
        : {}),
      ...('digest' in member && isString(member.digest) ? { digest: `sha256:${hex}` } : {}),
    };
  });
}

function accepts(parse: (input: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(LadingError);
    return false;
  }
}

describe.each(Object.entries(cases))('%s', (_name, { schema, parse, is, lenient, strict, names }) => {
  const validate = compileSchema(`image-spec/schema/${schema}`);
  const bySchema = (document: unknown): boolean => validate(document) === true;
  const generated = schemaArbitrary(`image-spec/schema/${schema}`);
  const documents = fc.oneof(generated, generated.map(likely));

  it.each([
    ['documents of the schema', documents, 1000],
    ['documents with small faults', mutated(documents, names), 4000],
  ])('the schema and the parser agree on %s', (_kind, arbitrary, numRuns) => {
    let taken = 0;
    fc.assert(
      fc.property(arbitrary, (document) => {
        const text = JSON.stringify(document);
        const accepted = accepts(parse, text);
        expect(accepted, text).toBe(expected(JSON.parse(text), bySchema, { lenient, strict }));
        if (is(JSON.parse(text))) expect(accepted).toBe(true);
        if (accepted) taken++;
      }),
      { numRuns },
    );
    // Where nothing passed, agreement would be worth nothing.
    expect(taken).toBeGreaterThan(numRuns / 50);
    expect(taken).toBeLessThan(numRuns + 1);
  });
});
