// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultLinuxSpec,
  encodeJson,
  isSpec,
  parseContainerProcessState,
  parseFeatures,
  parseSpec,
  parseState,
  unlimited,
} from './index.ts';

const minimal = { ociVersion: '1.3.0' };

describe('parseSpec', () => {
  const good: [string, object][] = [
    ['the least there can be', minimal],
    ['the default', defaultLinuxSpec()],
    ['members that are not known yet', { ...minimal, later: { a: 1 } }],
    ['a zone', { ...minimal, solaris: { cappedCPU: { ncpus: '1.5' }, anet: [{ linkname: 'net0' }] } }],
    ['a jail', { ...minimal, freebsd: { jail: { vnet: 'new', ip4: 'disable', allow: { mlock: true } } } }],
    ['z/OS', { ...minimal, zos: { namespaces: [{ type: 'pid' }] } }],
    [
      'a virtual machine',
      { ...minimal, vm: { kernel: { path: '/vmlinuz' }, hwConfig: { vcpus: 2, irqs: [1] } } },
    ],
    ['Windows', { ...minimal, windows: { layerFolders: ['C:\\layer'], credentialSpec: { any: ['thing'] } } }],
  ];
  it.each(good)('takes %s as it is', (_name, value) => {
    expect(parseSpec(value)).toBe(value);
    expect(isSpec(value)).toBe(true);
    expect(parseSpec(encodeJson(value))).toEqual(value);
  });

  const bad: [string, object, string][] = [
    ['a version that is none', { ociVersion: '1' }, 'spec.ociVersion'],
    ['no version', {}, 'spec.ociVersion'],
    ['a process without cwd', { ...minimal, process: {} }, 'spec.process.cwd'],
    [
      'a negative uid',
      { ...minimal, process: { cwd: '/', user: { uid: -1, gid: 0 } } },
      'spec.process.user.uid',
    ],
    ['a number in args', { ...minimal, process: { cwd: '/', args: ['a', 1] } }, 'spec.process.args[1]'],
    ['a mount without destination', { ...minimal, mounts: [{ type: 'proc' }] }, 'spec.mounts[0].destination'],
    ['a list as mount', { ...minimal, mounts: [[]] }, 'spec.mounts[0]'],
    [
      'an unknown namespace',
      { ...minimal, linux: { namespaces: [{ type: 'net' }] } },
      'spec.linux.namespaces[0].type',
    ],
    [
      'a limit with a fraction',
      { ...minimal, linux: { resources: { memory: { limit: 1.5 } } } },
      'spec.linux.resources.memory.limit',
    ],
    [
      'a limit beyond 2^53',
      { ...minimal, linux: { resources: { memory: { limit: 2 ** 53 } } } },
      'spec.linux.resources.memory.limit',
    ],
    [
      'a syscall rule without names',
      {
        ...minimal,
        linux: {
          seccomp: {
            defaultAction: 'SCMP_ACT_ALLOW',
            syscalls: [{ names: [], action: 'SCMP_ACT_KILL' }],
          },
        },
      },
      'spec.linux.seccomp.syscalls[0].names',
    ],
    ['a hook time-out of 0', { ...minimal, hooks: { poststop: [{ path: '/a', timeout: 0 }] } }, 'timeout'],
    ['no layer on Windows', { ...minimal, windows: { layerFolders: [] } }, 'spec.windows.layerFolders'],
    ['no vnet on FreeBSD', { ...minimal, freebsd: { jail: { vnet: 'disable' } } }, 'spec.freebsd.jail.vnet'],
    ['an annotation that is no string', { ...minimal, annotations: { 'a\n': 1 } }, 'annotations["a\\n"]'],
  ];
  it.each(bad)('refuses %s and names the place', (_name, value, place) => {
    expect(() => parseSpec(value)).toThrow(place);
    expect(isSpec(value)).toBe(false);
  });

  it('takes null for absent', () => {
    const spec = parseSpec('{"ociVersion":"1.3.0","mounts":null,"process":{"cwd":"/","args":null,"x":null}}');
    expect(spec).toEqual({ ociVersion: '1.3.0', process: { cwd: '/', x: null } });
  });

  it('does not take members of Object.prototype for members of the document', () => {
    expect(parseSpec('{"ociVersion":"1.3.0","__proto__":{"process":1}}').process).toBeUndefined();
  });

  it.each([
    ['text that is not JSON', '{'],
    ['a number', '7'],
    ['null', 'null'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['a byte order mark', new TextEncoder().encode('\ufeff{"ociVersion":"1.3.0"}')],
  ])('refuses %s', (_name, input) => {
    expect(() => parseSpec(input)).toThrow(LadingError);
  });

  it('refuses a document beyond the limit unread', () => {
    expect(() => parseSpec('{"ociVersion":"1.3.0"}', { maxBytes: 10 })).toThrow(
      expect.objectContaining({ code: Code.ResourceExhausted }),
    );
  });

  it('throws nothing but LadingError, whatever the value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array(), fc.object(), fc.json()), (input) => {
        try {
          parseSpec(input);
        } catch (error) {
          expect(error).toBeInstanceOf(LadingError);
        }
      }),
    );
  });
});

describe('64-bit numbers', () => {
  const text = `{"ociVersion":"1.3.0","process":{"cwd":"/","rlimits":[{"type":"RLIMIT_CORE","soft":7,"hard":18446744073709551615}]}}`;

  it('keep their digits there and back', () => {
    const spec = parseSpec(text);
    expect(spec.process?.rlimits).toEqual([{ type: 'RLIMIT_CORE', soft: 7, hard: unlimited }]);
    expect(new TextDecoder().decode(encodeJson(spec))).toBe(text);
  });

  it.each(['18446744073709551616', '-1', '1.5', '1e300', '9'.repeat(1000)])('refuse %s', (digits) => {
    expect(() => parseSpec(text.replace('18446744073709551615', digits))).toThrow(
      'spec.process.rlimits[0].hard',
    );
  });
});

describe('parseState', () => {
  const state = { ociVersion: '1.3.0', id: 'a', status: 'running', pid: 4, bundle: '/b' };

  it('takes a status that only one runtime has', () => {
    expect(parseState({ ...state, status: 'paused' }).status).toBe('paused');
  });

  it('refuses a pid that is none', () => {
    expect(() => parseState({ ...state, pid: '4' })).toThrow('state.pid');
  });

  it('is read inside the state of a seccomp listener', () => {
    const outer = { ociVersion: '1.3.0', fds: ['seccompFd'], pid: 4, state };
    expect(parseContainerProcessState(outer)).toBe(outer);
    expect(() => parseContainerProcessState({ ...outer, state: {} })).toThrow('state.ociVersion');
  });
});

describe('parseFeatures', () => {
  it('takes null for unknown', () => {
    const features = parseFeatures(
      '{"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0+dev","linux":{"cgroup":null}}',
    );
    expect(features.linux).toEqual({});
  });

  it('refuses a switch that is a word', () => {
    const linux = { cgroup: { v2: 'yes' } };
    expect(() => parseFeatures({ ociVersionMin: '1.0.0', ociVersionMax: '1.3.0', linux })).toThrow(
      'features.linux.cgroup.v2: expected true or false, got "yes"',
    );
  });
});
