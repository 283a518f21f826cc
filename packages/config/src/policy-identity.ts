// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import { parseFamiliarReference } from '@lading/image-spec';
import type { SignedIdentity } from './policy.ts';
import { type StrictFields, strictFields } from './strict-fields.ts';
import type { StrictJson } from './strict-json.ts';

/** Reads a `signedIdentity`; each type has exactly its own keys. */
export function readIdentity(value: StrictJson | undefined, where: string): SignedIdentity {
  if (value === undefined) return { type: 'matchRepoDigestOrExact' };
  const type = value instanceof Map ? value.get('type') : undefined;
  const fields = (...keys: string[]): StrictFields => strictFields(value, where, ['type', ...keys]);
  switch (type) {
    case 'matchExact':
    case 'matchRepoDigestOrExact':
    case 'matchRepository':
      fields();
      return { type };
    case 'exactReference': {
      const members = fields('dockerReference');
      const dockerReference = reference(members, 'dockerReference');
      const { tag, digest } = parseFamiliarReference(dockerReference);
      if (tag === undefined && digest === undefined)
        throw members.fault('dockerReference has no tag or digest');
      return { type, dockerReference };
    }
    case 'exactRepository':
      return { type, dockerRepository: reference(fields('dockerRepository'), 'dockerRepository') };
    case 'remapIdentity': {
      const members = fields('prefix', 'signedPrefix');
      return { type, prefix: prefix(members, 'prefix'), signedPrefix: prefix(members, 'signedPrefix') };
    }
    default:
      throw strictFields(value, where, value instanceof Map ? [...value.keys()] : []).fault(
        'type: expected matchExact, matchRepoDigestOrExact, matchRepository, exactReference, exactRepository or remapIdentity',
      );
  }
}

function reference(members: StrictFields, key: string): string {
  const text = members.string(key) ?? '';
  try {
    parseFamiliarReference(text);
  } catch (error) {
    throw members.fault(`${key}: ${LadingError.from(error).message}`);
  }
  return text;
}

const host = String.raw`(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*|\[[A-Fa-f0-9:]+\])(?::\d+)?`;
const component = String.raw`[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*`;
const prefixGrammar = new RegExp(`^${host}(?:/${component})*$`);

function prefix(members: StrictFields, key: string): string {
  const text = members.string(key) ?? '';
  if (text.length > 512 || !prefixGrammar.test(text)) {
    throw members.fault(`${key}: expected a host, or a host and a path without tag`);
  }
  return text;
}
