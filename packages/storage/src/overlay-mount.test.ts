// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { labelOptions } from './overlay-mount.ts';

const withSelinux = 'nodev\tsysfs\nnodev\tselinuxfs\n\text4\n';

describe('the label of a mount', () => {
  it('is quoted, commas and all, where the kernel has SELinux', () => {
    expect(labelOptions('system_u:object_r:container_file_t:s0:c1,c2', withSelinux)).toEqual([
      'context="system_u:object_r:container_file_t:s0:c1,c2"',
    ]);
  });

  it('is left out where there is none, or no SELinux', () => {
    expect(labelOptions('', withSelinux)).toEqual([]);
    expect(labelOptions(undefined, withSelinux)).toEqual([]);
    expect(labelOptions('a:b:c:s0', 'nodev\tsysfs\n')).toEqual([]);
  });

  it('cannot bring other options with it', () => {
    expect(() => labelOptions('x",upperdir=/etc,context="y', withSelinux)).toThrow(/no SELinux label/);
  });
});
