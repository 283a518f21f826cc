// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { compileSchema } from '../../../../tools/test-support/vectors.ts';
import { encodeJson, parseFeatures, parseSpec, parseState } from '../../src/index.ts';

export type Kind = 'config' | 'state' | 'features';

/** The documents that have a schema of their own. */
export const documents: Readonly<Record<Kind, { root: string; parse: (bytes: Uint8Array) => object }>> = {
  config: { root: 'config-schema.json', parse: parseSpec },
  state: { root: 'state-schema.json', parse: parseState },
  features: { root: 'features-schema.json', parse: parseFeatures },
};

export const schemaFolder = 'runtime-spec/schema';
const validators = new Map<Kind, ValidateFunction>();

/** Where the parser takes more than the schema, by the place and the schema's keyword. See the README's table. */
const looser: readonly [reason: string, (error: ErrorObject, value: unknown) => boolean][] = [
  ['an optional null', ({ instancePath }, value) => value === null && !/\/\d+$/.test(instancePath)],
  [
    'a status of the runtime',
    ({ instancePath, keyword }) => instancePath === '/status' && keyword === 'enum',
  ],
  [
    'a form with r of the propagation',
    ({ instancePath }, value) =>
      instancePath === '/linux/rootfsPropagation' &&
      /^r(private|shared|slave|unbindable)$/.test(String(value)),
  ],
  [
    'a mode with more than permissions',
    ({ instancePath, keyword }) =>
      keyword === 'maximum' &&
      /^\/(linux\/devices\/\d+\/fileMode|freebsd\/devices\/\d+\/mode)$/.test(instancePath),
  ],
  [
    'pids without a limit',
    ({ instancePath, keyword }) => /^\/linux\/resources\/pids$/.test(instancePath) && keyword === 'required',
  ],
  [
    'CPU affinity as a list',
    ({ instancePath, keyword }, value) =>
      instancePath === '/windows/resources/cpu/affinity' && keyword === 'type' && Array.isArray(value),
  ],
  [
    'a kind of id of Windows devices',
    ({ instancePath, keyword }) =>
      /^\/windows\/devices\/\d+\/idType$/.test(instancePath) && keyword === 'enum',
  ],
  [
    'credentials as a string',
    ({ instancePath }, value) => instancePath === '/windows/credentialSpec' && typeof value === 'string',
  ],
  [
    'a word of a newer runtime',
    ({ instancePath, keyword }) =>
      keyword === 'enum' &&
      /^\/linux\/(namespaces|seccomp\/(actions|operators|archs|knownFlags|supportedFlags))\/\d+$/.test(
        instancePath,
      ),
  ],
];

/** Where the parser takes less than the schema, by its message. See the README's table. */
const stricter: readonly [reason: string, RegExp][] = [
  ['a version that is not SemVer', /\.ociVersion(Min|Max)?: expected a version/],
  [
    'an integer that is not exact',
    /expected a whole number from .* to 2\^(53 - 1|63 - 1|64 - 1), got -?[\d.e+]{16,}$/,
  ],
  [
    'an integer that is not exact',
    /expected a whole number from .* to 2\^(53 - 1|63 - 1|64 - 1), got -?[\d.]+e\+\d+$/,
  ],
  [
    'CPU affinity that is no list',
    /^spec\.windows\.resources\.cpu\.affinity: expected a list, got an object$/,
  ],
  [
    'a device of FreeBSD without a path',
    /^spec\.freebsd\.devices\[\d+\]\.path: expected a string, got nothing$/,
  ],
  ['a memory policy without a mode', /^spec\.linux\.memoryPolicy\.mode: expected one of .*, got nothing$/],
  ['a personality without a domain', /^spec\.linux\.personality\.domain: expected one of .*, got nothing$/],
  // The pattern of names, .{1,}, misses these two.
  ['a value by an empty name', /\["(\\n)?"\]: expected a string, got /],
  ['members that the schema lacks', /^spec\.vm\.hwconfig\b/],
  ['members that the schema lacks', /^features\.linux\.(memoryPolicy|intelRdt\.(schemata|monitoring))\b/],
];

/**
 * What the schema and the parser make of a JSON text; `exception` names why they may differ.
 * Throws where they differ without a reason, and where a parsed document does not give its bytes back.
 */
export function compare(kind: Kind, text: string): { accepted: boolean; exception?: string } {
  const document: unknown = JSON.parse(text);
  const { root, parse } = documents[kind];
  const validate = validators.get(kind) ?? compileSchema(`${schemaFolder}/${root}`);
  validators.set(kind, validate);
  const schemaTakes = validate(document) === true;
  const fault = faultOf(() => {
    const bytes = new TextEncoder().encode(text);
    if (!sameBytes(encodeJson(parse(bytes)), bytes)) throw new Error(`other bytes for ${text}`);
  });
  if (schemaTakes === (fault === undefined)) return { accepted: schemaTakes };
  const reasons =
    fault === undefined
      ? (validate.errors ?? [])
          // Only says that one of the others stands.
          .filter(({ keyword }) => keyword !== 'anyOf')
          .map((error) => looser.find(([, fits]) => fits(error, valueAt(document, error.instancePath)))?.[0])
      : [stricter.find(([, form]) => form.test(fault))?.[0]];
  if (reasons.length === 0 || reasons.includes(undefined)) {
    const said = fault ?? JSON.stringify(validate.errors);
    throw new Error(`the schema ${schemaTakes ? 'takes' : 'refuses'} ${text}, the parser does not: ${said}`);
  }
  return { accepted: fault === undefined, exception: reasons.join(', ') };
}

function faultOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof LadingError && error.code === Code.InvalidArgument) return error.message;
    throw error;
  }
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    value = (value as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** All reasons, so that a test can show that none of them is idle. */
export const reasons: ReadonlySet<string> = new Set([...looser, ...stricter].map(([reason]) => reason));
