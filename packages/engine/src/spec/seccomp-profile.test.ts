// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseSeccompProfile, readSeccompProfile } from './seccomp-profile.ts';

const subject = { capabilities: ['CAP_SYS_ADMIN'], architecture: 'amd64', kernel: '6.1.0-13-amd64' };
const action = 'SCMP_ACT_ALLOW';
const rule = (more: object) => ({ names: ['mount'], action, ...more });

function parse(profile: object) {
  return parseSeccompProfile(JSON.stringify(profile), subject);
}

describe('parseSeccompProfile', () => {
  it('takes a filter of the runtime spec as it is', () => {
    const filter = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [rule({})],
    };
    expect(parse(filter)).toEqual(filter);
  });

  it('takes one without rules', () => {
    expect(parse({ defaultAction: action })).toEqual({ defaultAction: action, syscalls: [] });
  });

  it('finds the architectures of the machine in a map', () => {
    const archMap = [
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    ];
    expect(parse({ defaultAction: action, archMap }).architectures).toEqual([
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
    ]);
  });

  it.each<[string, object, boolean]>([
    ['a capability that it has', { includes: { caps: ['CAP_SYS_ADMIN', 'CAP_BPF'] } }, true],
    ['a capability that it lacks', { includes: { caps: ['CAP_BPF'] } }, false],
    ['its machine', { includes: { arches: ['amd64', 'x32'] } }, true],
    ['another machine', { includes: { arches: ['s390x'] } }, false],
    ['an older kernel', { includes: { minKernel: '4.8' } }, true],
    ['the same kernel', { includes: { minKernel: '6.1' } }, true],
    ['a newer kernel', { includes: { minKernel: '6.2' } }, false],
    ['everything but a capability that it has', { excludes: { caps: ['CAP_SYS_ADMIN'] } }, false],
    ['everything but another machine', { excludes: { arches: ['s390x'] } }, true],
    ['no condition', { includes: {}, excludes: {} }, true],
  ])('keeps a rule for %s, or leaves it out', (_what, condition, isKept) => {
    const { syscalls } = parse({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule(condition)] });
    expect(syscalls).toEqual(isKept ? [{ names: ['mount'], action }] : []);
  });

  it('takes the older way to name a system call', () => {
    const { syscalls } = parse({ defaultAction: action, syscalls: [{ name: 'chmod', action, args: [] }] });
    expect(syscalls).toEqual([{ names: ['chmod'], action }]);
  });

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['a list', '[]', 'it is not a JSON object'],
    ['rules that are no list', '{"syscalls":{}}', 'syscalls is not a list'],
    ['a rule that is none', '{"syscalls":[1]}', 'a rule is not an object'],
    ['no default', '{}', 'defaultAction'],
    ['an unknown action', '{"defaultAction":"ALLOW"}', 'defaultAction'],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseSeccompProfile(text, subject)).toThrow(message);
  });
});

describe('readSeccompProfile', () => {
  it('names a file that is not there', async () => {
    await expect(readSeccompProfile('/no/such.json', subject)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('cannot read the seccomp profile /no/such.json'),
    });
  });

  it('names a file that is not valid', async () => {
    await expect(readSeccompProfile('/etc/passwd', subject)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('the seccomp profile /etc/passwd is not valid'),
    });
  });
});
