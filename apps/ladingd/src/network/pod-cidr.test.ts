// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writePodNetwork } from './pod-cidr.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-cidr-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const template = `{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam": {
  "type": "host-local",
  "ranges": [{{range $i, $range := .PodCIDRRanges}}{{if $i}}, {{end}}[{"subnet": "{{$range}}"}]{{end}}],
  "routes": [{{range $i, $route := .Routes}}{{if $i}}, {{end}}{"dst": "{{$route}}"}{{end}}]
}, "first": "{{.PodCIDR}}"}]}`;

async function write(podCidr: string, text = template): Promise<void> {
  const templateFile = join(folder, 'template');
  writeFileSync(templateFile, text);
  await writePodNetwork(podCidr, { templateFile, configDir: join(folder, 'net.d') });
}

it('writes the configuration of one range or of two families', async () => {
  await write('10.244.1.0/24');
  await write('10.244.1.0/24,fd00:1::/64');
  expect(readdirSync(join(folder, 'net.d'))).toEqual(['10-lading-net.conflist']);
  const { plugins } = JSON.parse(readFileSync(join(folder, 'net.d/10-lading-net.conflist'), 'utf8'));
  expect(plugins[0]).toMatchObject({
    first: '10.244.1.0/24',
    ipam: {
      ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:1::/64' }]],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
    },
  });
});

it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'x/8', '10.0.0.0/8/8', '10.0.0.0/8,', '1.2.3.4/"}'])(
  'refuses the range %j, and writes nothing',
  async (podCidr) => {
    await expect(write(podCidr)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(readdirSync(folder)).toEqual(['template']);
  },
);

it.each([
  ['that is none', '{{range}'],
  ['with an unknown field', '{{.Nope}}'],
  ['of something else than a network', '{"name": "x"}'],
])('refuses a template %s, and writes nothing', async (_what, text) => {
  await expect(write('10.0.0.0/8', text)).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(readdirSync(folder)).toEqual(['template']);
});

it('refuses at once a folder that cannot be', async () => {
  const templateFile = join(folder, 'template');
  writeFileSync(templateFile, template);
  await expect(
    writePodNetwork('10.244.1.0/24', { templateFile, configDir: '/proc/no/net.d' }),
  ).rejects.toMatchObject({ code: 'failed_precondition', message: expect.stringContaining('/proc/no') });
});
