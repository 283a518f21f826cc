// SPDX-License-Identifier: Apache-2.0

import {
  anything,
  constant,
  type DocumentInput,
  encodeJson,
  invalid,
  list,
  map,
  object,
  type ParseOptions,
  parseDocument,
  pattern,
  type Rule,
  readJson,
  satisfies,
  string,
  strings,
  uint53,
} from '@lading/document';
import { type Digest, digest } from './digest.ts';
import { unambiguous } from './unambiguous.ts';

/** A layer of a {@link DockerManifestV1}. */
export interface DockerManifestV1Layer {
  /** REQUIRED. Digest of the layer as it is stored, compressed. Its size is not told. */
  readonly blobSum: Digest;
}

/** What the layer of the same place in the list is. */
export interface DockerManifestV1History {
  /** REQUIRED. JSON text: the config of the image at that layer, with `id`, `parent` and `throwaway`. */
  readonly v1Compatibility: string;
}

/** A JSON Web Signature (RFC 7515) over the document without its signatures. */
export interface DockerManifestV1Signature {
  /** REQUIRED. The algorithm, and the key or its certificates. */
  readonly header: {
    readonly alg: string;
    readonly jwk?: Readonly<Record<string, unknown>>;
    readonly x5c?: readonly string[];
  };
  /** REQUIRED. Base64url. */
  readonly signature: string;
  /** REQUIRED. Base64url of JSON that says how to cut the signatures out of the document. */
  readonly protected: string;
}

/**
 * Docker's first manifest, schema 1, with signatures or without. Old registries serve it still, but nobody
 * should make new ones.
 *
 * @see https://distribution.github.io/distribution/spec/deprecated-schema-v1/
 */
export interface DockerManifestV1 {
  /** REQUIRED: 1. */
  readonly schemaVersion: 1;
  /** REQUIRED. The repository that the image was pushed to. */
  readonly name: string;
  /** REQUIRED. */
  readonly tag: string;
  /** REQUIRED. As in Go's `GOARCH`. */
  readonly architecture: string;
  /** REQUIRED. Topmost layer first, unlike in every later format. */
  readonly fsLayers: readonly DockerManifestV1Layer[];
  /** REQUIRED. One for each layer, in the same order. */
  readonly history: readonly DockerManifestV1History[];
  /** OPTIONAL. Nobody checks whose they are: trust comes from the digest. */
  readonly signatures?: readonly DockerManifestV1Signature[];
}

const base64url = pattern('base64url', /^[A-Za-z0-9_-]*={0,2}$/);
const names = ['schemaVersion', 'name', 'tag', 'architecture', 'fsLayers', 'history'] as const;

const fields: Rule<DockerManifestV1> = unambiguous(
  object<DockerManifestV1>(
    {
      schemaVersion: constant(1),
      name: string,
      tag: string,
      architecture: string,
      fsLayers: list(object<DockerManifestV1Layer>({ blobSum: digest }, ['blobSum'])),
      history: list(object<DockerManifestV1History>({ v1Compatibility: string }, ['v1Compatibility'])),
      signatures: list(
        object<DockerManifestV1Signature>(
          {
            header: object<DockerManifestV1Signature['header']>(
              { alg: string, jwk: map(anything), x5c: strings },
              ['alg'],
            ),
            signature: base64url,
            protected: base64url,
          },
          ['header', 'signature', 'protected'],
        ),
      ),
    },
    names,
  ),
  [...names, 'signatures'],
  ['manifests', 'layers', 'config'],
);

const dockerManifestV1: Rule<DockerManifestV1> = (value, at) => {
  const checked = fields(value, at);
  const { fsLayers, history } = checked;
  if (history.length === fsLayers.length) return checked;
  throw invalid(`${at}.history`, `one entry for each of the ${fsLayers.length} layers`, history.length);
};

/** True for what {@link parseDockerManifestV1} returns as it is. */
export function isDockerManifestV1(value: unknown): value is DockerManifestV1 {
  return satisfies(dockerManifestV1, value);
}

/** @throws LadingError `invalid_argument` naming the path of the fault, as in `manifest.fsLayers[0].blobSum` */
export function parseDockerManifestV1(input: DocumentInput, options?: ParseOptions): DockerManifestV1 {
  return parseDocument('manifest', dockerManifestV1, input, options);
}

const cut = object<{ readonly formatLength: number; readonly formatTail: string }>(
  { formatLength: uint53, formatTail: base64url },
  ['formatLength', 'formatTail'],
);

/**
 * The bytes that a registry's digest of a schema 1 manifest is of: those before it was signed. Give it what
 * {@link parseDockerManifestV1} made of bytes or text, verify the result, and then parse that: members of the
 * signed document that are not in it are by nobody.
 *
 * @throws LadingError `invalid_argument` where a signature says nothing usable of that, or two say different
 * things
 */
export function dockerManifestV1Payload(manifest: DockerManifestV1): Uint8Array {
  const bytes = encodeJson(manifest);
  const [first, ...others] = (manifest.signatures ?? []).map((signature, i) => {
    const at = `manifest.signatures[${i}].protected`;
    return { at, ...cut(readJson(at, decodeBase64url(signature.protected)), at) };
  });
  if (first === undefined) return bytes;
  const differing = others.find(
    (other) => other.formatLength !== first.formatLength || other.formatTail !== first.formatTail,
  );
  if (differing !== undefined) throw invalid(differing.at, 'what the first signature says', 'another text');
  if (first.formatLength > bytes.length) {
    throw invalid(first.at, `a formatLength of at most ${bytes.length}`, first.formatLength);
  }
  const tail = decodeBase64url(first.formatTail);
  const payload = new Uint8Array(first.formatLength + tail.length);
  payload.set(bytes.subarray(0, first.formatLength));
  payload.set(tail, first.formatLength);
  return payload;
}

function decodeBase64url(text: string): Uint8Array {
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=*$/, '');
  if (base64.length % 4 === 1) throw invalid('signature', 'base64url', text);
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
