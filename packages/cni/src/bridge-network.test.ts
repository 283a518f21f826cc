// SPDX-License-Identifier: Apache-2.0
import { Code } from '@lading/errors';
import { describe, expect, it } from 'vitest';
import { bridgeNetworkConfig } from './bridge-network.ts';
import { parseNetworkConfig } from './parse-config.ts';

describe('the configuration of a bridge network', () => {
  it('can be read back', () => {
    const config = bridgeNetworkConfig({
      name: 'web',
      bridge: 'web0',
      subnet: ['10.87.1.0/24', 'fd00:87::/64'],
      gateway: '10.87.1.254',
    });
    expect(parseNetworkConfig(JSON.stringify(config), 'web.conflist')).toEqual(config);
    expect(config.plugins[0]?.ipam).toEqual({
      type: 'host-local',
      ranges: [[{ subnet: '10.87.1.0/24', gateway: '10.87.1.254' }], [{ subnet: 'fd00:87::/64' }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    });
  });

  it.each([
    { name: '../x' },
    { bridge: 'sixteen-letters!' },
    { bridge: 'a/b' },
    { subnet: '10.87.1.0' },
    { subnet: '10.87.1.0/31' },
    { subnet: '10.87.1.0/24/7' },
    { subnet: 'localhost/24' },
    { subnet: '' },
  ])('is refused with %j', (part) => {
    expect(() =>
      bridgeNetworkConfig({ name: 'web', bridge: 'web0', subnet: '10.87.1.0/24', ...part }),
    ).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });
});
