// SPDX-License-Identifier: Apache-2.0
import { LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeJson,
  isFeatures,
  isSpec,
  isState,
  parseFeatures,
  parseSpec,
  parseState,
  unlimited,
} from './index.ts';

/** Of each kind of member one, so that most changes hit something that is checked. */
const spec = {
  ociVersion: '1.3.0',
  process: {
    ...{ cwd: '/', args: ['sh'], env: ['A=b'], terminal: true, consoleSize: { height: 1, width: 2 } },
    user: { uid: 0, gid: 0, additionalGids: [1] },
    capabilities: { bounding: ['CAP_KILL'] },
    rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: unlimited }],
    oomScoreAdj: -5,
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 4 },
  },
  root: { path: 'r', readonly: true },
  mounts: [{ destination: '/proc', type: 'proc', options: ['ro'] }],
  hooks: { prestart: [{ path: '/hook', timeout: 5 }] },
  annotations: { 'org.x': 'y' },
  linux: {
    namespaces: [{ type: 'pid' }, { type: 'network', path: '/n' }],
    uidMappings: [{ containerID: 0, hostID: 1, size: 2 }],
    sysctl: { 'a.b': '1' },
    devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438 }],
    rootfsPropagation: 'rslave',
    maskedPaths: ['/proc/keys'],
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      memory: { limit: 2n ** 63n - 4096n, swap: -1 },
      cpu: { shares: 2, cpus: '0-3' },
      pids: { limit: 7 },
      hugepageLimits: [{ pageSize: '2MB', limit: 0 }],
      unified: { 'memory.high': '1' },
    },
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86'],
      syscalls: [
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 2n ** 60n, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    },
  },
};
const state = {
  ...{ ociVersion: '1.3.0', id: 'a', status: 'running', pid: 4, bundle: '/b' },
  annotations: { 'org.x': 'y' },
};
const features = {
  ...{ ociVersionMin: '1.0.0', ociVersionMax: '1.3.0+dev', hooks: ['prestart'], mountOptions: ['ro'] },
  annotations: { 'org.x': 'y' },
  linux: {
    ...{
      namespaces: ['user'],
      capabilities: ['CAP_CHOWN'],
      cgroup: { v2: true },
      apparmor: { enabled: true },
    },
    seccomp: { enabled: true, actions: ['SCMP_ACT_ALLOW'], archs: ['SCMP_ARCH_X86'] },
    mountExtensions: { idmap: { enabled: false } },
  },
};

/** What a token of JSON may become. */
const tokens = fc.oneof(
  fc.constantFrom(
    '',
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e400',
    '"x"',
    '""',
    '[]',
    '{}',
    '[',
    '}',
    ',',
    ':',
    '"\\ud800"',
  ),
  fc.constantFrom(
    '4294967296',
    '9007199254740993',
    '18446744073709551615',
    '18446744073709551616',
    '9'.repeat(2000),
  ),
  fc.constantFrom('"__proto__"', '"constructor"', '"\\u0000\\u001b[31m"', JSON.stringify('y'.repeat(3000))),
  fc.string().map((text) => JSON.stringify(text)),
);

/** A good document with up to three of its tokens replaced, or text and bytes of any kind. */
function inputs(document: object): fc.Arbitrary<string | Uint8Array> {
  const text = new TextDecoder().decode(encodeJson(document));
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^"[\]{},:]+/g) ?? [];
  const changes = fc.array(fc.tuple(fc.nat(parts.length - 1), tokens), { maxLength: 3 });
  const changed = changes.map((list) => {
    const copy = [...parts];
    for (const [i, token] of list) copy[i] = token;
    return copy.join('');
  });
  return fc.oneof({ weight: 8, arbitrary: changed }, fc.string(), fc.json(), fc.uint8Array());
}

describe.each([
  ['parseSpec', spec, parseSpec, isSpec],
  ['parseState', state, parseState, isState],
  ['parseFeatures', features, parseFeatures, isFeatures],
] as const)('%s', (_name, document, parse, is) => {
  it('gives bytes back and is read the same again, or says in one short line what is wrong', () => {
    let taken = 0;
    fc.assert(
      fc.property(inputs(document), (input) => {
        const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
        let parsed: object;
        try {
          parsed = parse(bytes);
        } catch (error) {
          if (!(error instanceof LadingError)) throw error;
          if (!/^[\x20-\x7e…]{1,2000}$/.test(error.message))
            throw new Error(`hostile message: ${error.message}`);
          return;
        }
        taken += 1;
        if (!is(parsed)) throw new Error('parsed, but not valid');
        if (!equal(encodeJson(parsed), bytes)) throw new Error('other bytes');
        // An edited copy is written anew, and read as what it is; but a number beyond all doubles has no form.
        if (typeof input === 'string' && input.includes('1e400')) return;
        const written = encodeJson({ ...parsed });
        if (!equal(encodeJson({ ...parse(written) }), written)) throw new Error('not read as written');
      }),
      { numRuns: 100_000 },
    );
    expect(taken).toBeGreaterThan(10_000);
  }, 60_000);
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
