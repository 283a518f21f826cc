// SPDX-License-Identifier: Apache-2.0
import { isObject, lookAlike, memberOf, unreachedValue, withoutNull } from './exceptions.ts';

const optional = ['urls', 'annotations', 'data', 'platform', 'artifactType'];
const platformOptional = ['os.version', 'os.features', 'variant'];
export const isString = (value: unknown): boolean => typeof value === 'string';
const mediaType = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/** `null` for absent, in a descriptor and in its platform. */
export function lenientDescriptor(value: unknown): unknown {
  const plain = withoutNull(...optional)(value);
  if (!isObject(plain) || !isObject(plain.platform)) return plain;
  return { ...plain, platform: withoutNull(...platformOptional)(plain.platform) };
}

/** The rules for a descriptor that its schema does not hold. */
export const strictDescriptor: Readonly<Record<string, (value: unknown) => boolean>> = {
  'a digest of a registered algorithm has its form': (value) => !isRegisteredForm(memberOf(value, 'digest')),
  'a digest has at most 256 characters': (value) => lengthOf(memberOf(value, 'digest')) > 256,
  'a size is exact': (value) => Number(memberOf(value, 'size')) > Number.MAX_SAFE_INTEGER,
  'a size is not negative, in an index too': (value) => Number(memberOf(value, 'size')) < 0,
  'data is base64 of as many bytes as size says': (value) => {
    const data = memberOf(value, 'data') ?? undefined;
    if (data === undefined) return false;
    if (typeof data !== 'string' || Buffer.from(data, 'base64').toString('base64').length !== data.length)
      return true;
    const bytes = Buffer.from(data, 'base64');
    return /[^A-Za-z0-9+/=]/.test(data) || bytes.length !== memberOf(value, 'size');
  },
  'artifactType is a media type, in an index too': (value) => {
    const type = memberOf(value, 'artifactType') ?? undefined;
    return type !== undefined && !(typeof type === 'string' && mediaType.test(type));
  },
  'a platform is one, wherever it stands': (value) => {
    const platform = memberOf(value, 'platform') ?? undefined;
    return platform !== undefined && !isPlatform(platform);
  },
  'the value of every annotation counts': (value) => unreachedValue(memberOf(value, 'annotations'), isString),
  'no member differs from a known one in case alone': (value) =>
    lookAlike(value, ['mediaType', 'digest', 'size', ...optional]),
};

/** True where one of the rules refuses the value. */
export function refusedDescriptor(value: unknown): boolean {
  return Object.values(strictDescriptor).some((refuses) => refuses(value));
}

/** A map and no object, which would know an algorithm by the name of `constructor`. */
const registered: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
  ['blake3', 64],
]);

export function isRegisteredForm(digest: unknown): boolean {
  if (typeof digest !== 'string') return true;
  const [algorithm, encoded = ''] = digest.split(/:(.*)/s);
  const length = registered.get(algorithm ?? '');
  return length === undefined || (encoded.length === length && !/[^0-9a-f]/.test(encoded));
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}

function isPlatform(value: unknown): boolean {
  const plain = withoutNull(...platformOptional)(value);
  if (!isObject(plain) || !isString(plain.os) || !isString(plain.architecture)) return false;
  const { 'os.version': version = '', 'os.features': features = [], variant = '' } = plain;
  return isString(version) && isString(variant) && Array.isArray(features) && features.every(isString);
}
