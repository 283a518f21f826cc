// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import {
  capabilities,
  defaultCapabilities,
  defaultLinuxSpec,
  privileged,
  type Spec,
  withCapabilities,
  withProcess,
} from './index.ts';

const base = defaultLinuxSpec();

describe('withCapabilities', () => {
  const bounding = (spec: Spec): readonly string[] | undefined => spec.process?.capabilities?.bounding;

  const cases: [string, Parameters<typeof withCapabilities>[1], readonly string[]][] = [
    ['adds to the default', { add: ['net_raw'] }, [...defaultCapabilities, 'CAP_NET_RAW']],
    [
      'takes away',
      { drop: ['CAP_KILL', 'chown'] },
      defaultCapabilities.filter((c) => !/KILL|CHOWN$/.test(c)),
    ],
    ['drops all but what is added', { drop: ['all'], add: ['SETUID'] }, ['CAP_SETUID']],
    [
      'adds all but what is dropped',
      { add: ['ALL'], drop: ['SYS_ADMIN'] },
      capabilities.filter((c) => c !== 'CAP_SYS_ADMIN'),
    ],
    ['drops all, whatever else is dropped', { drop: ['ALL', 'KILL'], add: ['KILL'] }, ['CAP_KILL']],
    [
      'adds all but what is dropped, even what is also added',
      { add: ['ALL', 'KILL'], drop: ['kill'] },
      capabilities.filter((c) => c !== 'CAP_KILL'),
    ],
    ['means by all what is available', { add: ['ALL'], available: ['CAP_KILL'] }, ['CAP_KILL']],
    ['gives nothing that is not available', { add: ['BPF'], available: ['CAP_KILL'] }, ['CAP_KILL']],
  ];
  it.each(cases)('%s', (_name, change, expected) => {
    const spec = withCapabilities(base, change);
    const sorted = capabilities.filter((name) => expected.includes(name));
    expect(bounding(spec)).toEqual(sorted);
    expect(spec.process?.capabilities).toEqual({ bounding: sorted, effective: sorted, permitted: sorted });
  });

  it.each([
    ['an unknown name', { add: ['CAP_FLY'] }, '"CAP_FLY" is not a capability'],
    ['a name both added and dropped', { add: ['KILL'], drop: ['cap_kill'] }, 'CAP_KILL is both'],
    ['all both added and dropped', { add: ['ALL'], drop: ['all'] }, 'ALL is both'],
  ])('refuses %s', (_name, change, message) => {
    expect(() => withCapabilities(base, change)).toThrow(message);
  });
});

describe('privileged', () => {
  const spec = privileged(withProcess(base, { noNewPrivileges: true, apparmorProfile: 'p' }), {
    available: ['CAP_SYS_ADMIN', 'CAP_CHOWN'],
  });

  it('has what is available and hides nothing', () => {
    expect(spec.process?.capabilities?.bounding).toEqual(['CAP_CHOWN', 'CAP_SYS_ADMIN']);
    expect(spec.linux).not.toHaveProperty('maskedPaths');
    expect(spec.linux).not.toHaveProperty('readonlyPaths');
    expect(spec.process).not.toHaveProperty('noNewPrivileges');
    expect(spec.process).not.toHaveProperty('apparmorProfile');
    expect(spec.linux?.resources?.devices).toEqual([{ allow: true, access: 'rwm' }]);
  });

  it('may write to sysfs and cgroups', () => {
    const options = (path: string): readonly string[] | undefined =>
      spec.mounts?.find(({ destination }) => destination === path)?.options;
    expect(options('/sys')).toContain('rw');
    expect(options('/sys/fs/cgroup')).not.toContain('ro');
  });
});
