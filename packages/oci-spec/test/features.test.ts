// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { encodeJson, isFeatures, parseFeatures, supports } from '../src/index.ts';
import { run } from './programs.ts';

describe('the features of the installed runc', () => {
  it('are parsed, and say what every runc since 1.1 can do', async () => {
    const text = await run('runc', 'features');
    const features = parseFeatures(text);
    expect(isFeatures(features)).toBe(true);
    expect(new TextDecoder().decode(encodeJson(features))).toBe(text);
    expect(
      supports(features, {
        ociVersion: '1.0.2',
        hook: 'createContainer',
        mountOption: 'rbind',
        namespace: 'user',
        capability: 'CAP_BPF',
        cgroup: 'v2',
        seccomp: 'SCMP_ACT_NOTIFY',
        linux: 'apparmor',
      }),
    ).toBe(true);
    expect(supports(features, { hook: 'onFire' })).toBe(false);
    expect(supports(features, { ociVersion: '2.0.0' })).toBe(false);
  });
});
