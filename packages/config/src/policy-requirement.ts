// SPDX-License-Identifier: Apache-2.0
import type { FulcioTrust, KeySource, PkiTrust, PolicyRequirement, SignedBy } from './policy.ts';
import { readIdentity } from './policy-identity.ts';
import { type StrictFields, strictFields } from './strict-fields.ts';
import type { StrictJson } from './strict-json.ts';

/** Reads one requirement of a list, with exactly the keys that its type has. */
export function readRequirement(value: StrictJson, where: string): PolicyRequirement {
  const members = value instanceof Map ? value : new Map<string, StrictJson>();
  const type = members.get('type');
  const identity = (key: string) => readIdentity(members.get(key), `${where}.${key}`);
  switch (type) {
    case 'insecureAcceptAnything':
    case 'reject':
      strictFields(value, where, ['type']);
      return { type };
    case 'signedBy': {
      const fields = strictFields(value, where, signedByKeys);
      if (['keyPath', 'keyPaths', 'keyData'].filter((key) => members.has(key)).length !== 1) {
        throw fields.fault('exactly one of keyPath, keyPaths and keyData must be given');
      }
      return {
        type,
        keyType: keyType(fields),
        keys: oneSource(
          fields,
          keySources(fields, 'key', { hasDatas: false }),
          'keyPath, keyPaths and keyData',
        ),
        signedIdentity: identity('signedIdentity'),
      };
    }
    case 'signedBaseLayer': {
      const fields = strictFields(value, where, ['type', 'baseLayerIdentity']);
      if (!members.has('baseLayerIdentity')) throw fields.fault('baseLayerIdentity is missing');
      return { type, baseLayerIdentity: identity('baseLayerIdentity') };
    }
    case 'sigstoreSigned':
      return {
        type,
        ...sigstore(strictFields(value, where, sigstoreKeys)),
        signedIdentity: identity('signedIdentity'),
      };
    default:
      throw strictFields(value, where, [...members.keys()]).fault(
        'type: expected insecureAcceptAnything, reject, signedBy or sigstoreSigned',
      );
  }
}

const signedByKeys = ['type', 'keyType', 'keyPath', 'keyPaths', 'keyData', 'signedIdentity'];
const sigstoreKeys = [
  ...['type', 'keyPath', 'keyPaths', 'keyData', 'keyDatas', 'fulcio', 'pki', 'signedIdentity'],
  ...['rekorPublicKeyPath', 'rekorPublicKeyPaths', 'rekorPublicKeyData', 'rekorPublicKeyDatas'],
];

function keyType(fields: StrictFields): SignedBy['keyType'] {
  const found = fields.string('keyType');
  if (
    found === 'GPGKeys' ||
    found === 'signedByGPGKeys' ||
    found === 'X509Certificates' ||
    found === 'signedByX509CAs'
  ) {
    return found;
  }
  throw fields.fault('keyType: expected GPGKeys');
}

/** What stands under `NAMEPath`, `NAMEPaths`, `NAMEData` and, where there is such a key, `NAMEDatas`. */
function keySources(
  fields: StrictFields,
  name: string,
  { hasLists = true, hasDatas = true }: { hasLists?: boolean; hasDatas?: boolean } = {},
): readonly KeySource[] {
  const path = fields.string(`${name}Path`);
  const paths = hasLists ? fields.strings(`${name}Paths`) : undefined;
  const data = fields.bytes(`${name}Data`);
  const datas = hasLists && hasDatas ? fields.bytesList(`${name}Datas`) : undefined;
  if (paths?.length === 0 || datas?.length === 0) throw fields.fault(`a list of ${name} has no entries`);
  return [
    ...(path === undefined ? [] : [{ paths: [path], data: [] }]),
    ...(paths === undefined ? [] : [{ paths, data: [] }]),
    ...(data === undefined ? [] : [{ paths: [], data: [data] }]),
    ...(datas === undefined ? [] : [{ paths: [], data: datas }]),
  ];
}

function oneSource(fields: StrictFields, found: readonly KeySource[], names: string): KeySource {
  const [source] = found;
  if (source === undefined || found.length > 1) throw fields.fault(`exactly one of ${names} must be given`);
  return source;
}

function sigstore(fields: StrictFields) {
  const keys = keySources(fields, 'key');
  const fulcio = fields.object('fulcio', ['caPath', 'caData', 'oidcIssuer', 'subjectEmail']);
  const pki = fields.object('pki', [
    ...['caRootsPath', 'caRootsData', 'caIntermediatesPath', 'caIntermediatesData'],
    ...['subjectEmail', 'subjectHostname'],
  ]);
  const rekor = keySources(fields, 'rekorPublicKey');
  const count = keys.length + (fulcio === undefined ? 0 : 1) + (pki === undefined ? 0 : 1);
  if (count !== 1) {
    throw fields.fault('exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki must be given');
  }
  if (rekor.length > 1) throw fields.fault('only one kind of rekorPublicKey may be given');
  if (fulcio !== undefined && rekor.length === 0) throw fields.fault('fulcio needs a rekorPublicKey');
  if (pki !== undefined && rekor.length > 0) throw fields.fault('pki takes no rekorPublicKey');
  return {
    keys: keys[0],
    fulcio: fulcio === undefined ? undefined : readFulcio(fulcio),
    pki: pki === undefined ? undefined : readPki(pki),
    rekorPublicKeys: rekor[0],
  };
}

function readFulcio(fields: StrictFields): FulcioTrust {
  const ca = oneSource(fields, keySources(fields, 'ca', { hasLists: false }), 'caPath and caData');
  const oidcIssuer = fields.string('oidcIssuer');
  const subjectEmail = fields.string('subjectEmail');
  if (oidcIssuer === undefined) throw fields.fault('oidcIssuer is missing');
  if (subjectEmail === undefined) throw fields.fault('subjectEmail is missing');
  return { ca, oidcIssuer, subjectEmail };
}

function readPki(fields: StrictFields): PkiTrust {
  const lone = { hasLists: false };
  const intermediates = keySources(fields, 'caIntermediates', lone);
  if (intermediates.length > 1) {
    throw fields.fault('only one of caIntermediatesPath and caIntermediatesData may be given');
  }
  const subjectEmail = fields.string('subjectEmail');
  const subjectHostname = fields.string('subjectHostname');
  if (subjectEmail === undefined && subjectHostname === undefined) {
    throw fields.fault('subjectEmail or subjectHostname must be given');
  }
  return {
    caRoots: oneSource(fields, keySources(fields, 'caRoots', lone), 'caRootsPath and caRootsData'),
    caIntermediates: intermediates[0],
    subjectEmail,
    subjectHostname,
  };
}
