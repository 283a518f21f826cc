// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { capabilities, defaultSeccomp, isSpec, type SeccompSyscall, withSeccomp } from './index.ts';

const of = (name: string, caps: readonly string[] = [], architecture = 'amd64'): SeccompSyscall[] =>
  (defaultSeccomp({ capabilities: caps, architecture }).syscalls ?? []).filter(({ names }) =>
    names.includes(name),
  );

describe('defaultSeccomp', () => {
  it.each([
    ['amd64', ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']],
    ['arm64', ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM']],
    ['s390x', ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390']],
    ['mips64le', ['SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32']],
    ['riscv64', undefined],
  ])('names the architectures of %s that the kernel runs together', (architecture, expected) => {
    expect(defaultSeccomp({ capabilities: [], architecture }).architectures).toEqual(expected);
  });

  it.each([
    ['arch_prctl', 'amd64', 'arm64'],
    ['modify_ldt', '386', 's390x'],
    ['cacheflush', 'arm', 'amd64'],
    ['riscv_flush_icache', 'riscv64', 'ppc64le'],
    ['swapcontext', 'ppc64le', 'ppc64'],
    ['s390_pci_mmio_read', 's390x', 'amd64'],
  ])('allows %s on %s, and has no rule for it on %s', (name, where, elsewhere) => {
    expect(of(name, [], where)).toMatchObject([{ action: 'SCMP_ACT_ALLOW' }]);
    expect(of(name, [], elsewhere)).toEqual([]);
  });

  it.each([
    ['bpf', 'CAP_BPF'],
    ['bpf', 'CAP_SYS_ADMIN'],
    ['perf_event_open', 'CAP_PERFMON'],
    ['init_module', 'CAP_SYS_MODULE'],
    ['clock_settime64', 'CAP_SYS_TIME'],
    ['open_by_handle_at', 'CAP_DAC_READ_SEARCH'],
  ])('allows %s with %s, and refuses it with EPERM without any', (name, capability) => {
    expect(of(name, [capability])).toMatchObject([{ action: 'SCMP_ACT_ALLOW' }]);
    expect(of(name)).toMatchObject([{ action: 'SCMP_ACT_ERRNO', errnoRet: 1 }]);
  });

  it('names each system call in one rule, but for those told apart by their arguments', () => {
    for (const caps of [[], capabilities]) {
      const { syscalls = [] } = defaultSeccomp({ capabilities: caps, architecture: 'arm64' });
      const names = syscalls.filter(({ args }) => args === undefined).flatMap((rule) => rule.names);
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    }
  });

  it('is a valid part of a spec', () => {
    expect(
      isSpec(withSeccomp({ ociVersion: '1.0.2' }, defaultSeccomp({ capabilities, architecture: 'amd64' }))),
    ).toBe(true);
  });

  it.each(['x86_64', '', '__proto__', 'constructor'])('refuses the architecture %j', (architecture) => {
    expect(() => defaultSeccomp({ capabilities: [], architecture })).toThrow(
      expect.objectContaining({ code: Code.InvalidArgument, message: expect.stringContaining('amd64') }),
    );
  });
});
