// SPDX-License-Identifier: Apache-2.0
import type { CgroupDeviceUsage } from './cgroup-usage.ts';

type Counter = Exclude<keyof CgroupDeviceUsage, 'major' | 'minor'>;

/** Version 2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`. */
export function parseIoStat(text: string): readonly CgroupDeviceUsage[] {
  const names: Readonly<Record<string, Counter>> = {
    rbytes: 'readBytes',
    wbytes: 'writtenBytes',
    rios: 'reads',
    wios: 'writes',
  };
  const devices = new Map<string, CgroupDeviceUsage>();
  for (const row of text.split('\n')) {
    const [device = '', ...pairs] = row.split(' ');
    for (const pair of pairs) {
      const [key = '', value = ''] = pair.split('=');
      add(devices, device, Object.hasOwn(names, key) ? names[key] : undefined, value);
    }
  }
  return [...devices.values()];
}

/** Version 1: `8:0 Read 4096`, a file of bytes and one of operations. */
export function parseThrottle(bytes: string, operations: string): readonly CgroupDeviceUsage[] {
  const devices = new Map<string, CgroupDeviceUsage>();
  for (const [text, read, write] of [
    [bytes, 'readBytes', 'writtenBytes'],
    [operations, 'reads', 'writes'],
  ] as const) {
    for (const row of text.split('\n')) {
      const [device = '', kind, value = ''] = row.split(' ');
      add(devices, device, kind === 'Read' ? read : kind === 'Write' ? write : undefined, value);
    }
  }
  return [...devices.values()];
}

function add(
  devices: Map<string, CgroupDeviceUsage>,
  device: string,
  counter: Counter | undefined,
  value: string,
): void {
  const [, major, minor] = /^(\d+):(\d+)$/.exec(device) ?? [];
  if (counter === undefined || minor === undefined || !/^\d+$/.test(value)) return;
  const none = {
    major: Number(major),
    minor: Number(minor),
    readBytes: 0,
    writtenBytes: 0,
    reads: 0,
    writes: 0,
  };
  devices.set(device, { ...(devices.get(device) ?? none), [counter]: Number(value) });
}
