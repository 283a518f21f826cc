// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from './until.ts';
import { createWorld, type Served, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await using ended = world;
  await ended.leaveNothing();
});

async function serve(lines: readonly string[]): Promise<{ daemon: Served; address: string }> {
  const table = ['[crio.metrics]', 'enable_metrics = true', 'metrics_port = 0', ...lines];
  await writeFile(join(world.root, 'ladingd.conf'), `${table.join('\n')}\n`);
  const daemon = await world.serve();
  const address = /metrics on (\S+)/.exec(daemon.stderr())?.[1] ?? '';
  return { daemon, address };
}

async function scrape(address: string): Promise<string> {
  return (await fetch(address)).text();
}

function makeCertificate(cert: string, key: string): void {
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'],
    ...['-keyout', key, '-out', cert],
  ]);
}

describe('the metrics of the daemon', () => {
  it('count what pulls of the same image at the same time have fetched once', async () => {
    const { daemon, address } = await serve([]);
    const pull = () => daemon.images.pullImage({ image: { image: world.image } });
    await Promise.all([pull(), pull(), pull()]);
    const value = (name: string, text: string): number =>
      Number(new RegExp(`^lading_image_pulls_${name} (\\d+)$`, 'm').exec(text)?.[1]);
    const shown = await scrape(address);
    expect(value('success_total', shown)).toBe(3);
    expect(value('layer_size_count', shown)).toBe(1);
    expect(value('bytes_total', shown)).toBe(value('layer_size_sum', shown));
  });

  it('are served where the configuration says, and count what it does', async () => {
    const { daemon, address } = await serve([`metrics_socket = "${join(world.root, 'm.sock')}"`]);
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    const { runtime, images } = daemon;
    await images.pullImage({ image: { image: world.image } });
    await images.pullImage({ image: { image: world.image } });
    await expect(images.pullImage({ image: { image: `${world.image}:none` } })).rejects.toThrow();
    const { podSandboxId } = await runtime.runPodSandbox({ config: world.pod('hog') });
    const config = {
      metadata: { name: 'main' },
      image: { image: world.image },
      command: ['sh', '-c', 'x=a; while :; do x=$x$x; done'],
      linux: { resources: { memoryLimitInBytes: 16n << 20n } },
    };
    const { containerId } = await runtime.createContainer({ podSandboxId, config });
    await runtime.startContainer({ containerId });
    await until(async () => (await scrape(address)).includes('lading_containers_oom_total 1'));
    const shown = await scrape(address);
    expect(shown).toContain('lading_operations_total{operation="RunPodSandbox"} 1\n');
    expect(shown).toContain('lading_operations_latency_seconds_count{operation="CreateContainer"} 1\n');
    expect(shown).toContain('lading_operations_errors_total{operation="PullImage",code="not_found"} 1\n');
    expect(shown).toContain('lading_image_pulls_success_total 2\n');
    expect(shown).toMatch(/lading_image_pulls_bytes_total [1-9]/);
    expect(shown).toMatch(/lading_image_layer_reuse_total [1-9]/);
    expect(shown).toContain('lading_default_runtime{runtime="runc"} 1\n');
    expect(shown).toMatch(/process_resident_memory_bytes [1-9]/);
    expect((await fetch(new URL('/', address))).status).toBe(404);
    expect((await fetch(address, { method: 'POST' })).status).toBe(405);
    const asked = request({ socketPath: join(world.root, 'm.sock'), path: '/metrics', agent: false }).end();
    const [response] = await once(asked, 'response');
    expect(await text(response)).toContain('lading_operations_total');
    expect(await daemon.end('SIGTERM')).toBe(0);
    await expect(fetch(address)).rejects.toThrow();
  });

  it('of pods can be chosen by group', async () => {
    const { daemon } = await serve(['[crio.stats]', 'included_pod_metrics = ["network", "oom"]']);
    const { descriptors } = await daemon.runtime.listMetricDescriptors({});
    expect(descriptors.map(({ name }) => name.replace(/_network_.*/, '_network'))).toEqual([
      'container_last_seen',
      'container_oom_events_total',
      ...Array(8).fill('container_network'),
    ]);
    await writeFile(join(world.root, 'ladingd.conf'), '[crio.stats]\nincluded_pod_metrics = ["nope"]\n');
    expect(await world.start('--listen', join(world.root, 'other.sock'))).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Error: "nope" is no group of pod metrics; there is all, cpu, .*\n$/),
    });
  });

  it('are served with TLS where there is a certificate, and with the next one when that is replaced', async () => {
    const [cert, key] = [join(world.root, 'cert.pem'), join(world.root, 'key.pem')];
    const isServed = async (address: string): Promise<void> => {
      const [response] = await once(get(address, { ca: readFileSync(cert), agent: false }), 'response');
      expect(await text(response)).toContain('process_open_fds');
    };
    makeCertificate(cert, key);
    const { address } = await serve([`metrics_cert = "${cert}"`, `metrics_key = "${key}"`]);
    expect(address).toMatch(/^https:/);
    await isServed(address);
    makeCertificate(cert, key);
    await isServed(address);
  });

  it('that cannot be served are an error of one line', async () => {
    const attempt = async (...lines: readonly string[]) => {
      const table = ['[crio.metrics]', 'enable_metrics = true', ...lines];
      await writeFile(join(world.root, 'ladingd.conf'), `${table.join('\n')}\n`);
      return world.start();
    };
    expect(await attempt('metrics_port = 0', 'metrics_cert = "/nope"')).toEqual({
      code: 1,
      stderr: 'Error: metrics_cert and metrics_key belong together; set both\n',
    });
    expect(await attempt('metrics_cert = "/nope"', 'metrics_key = "/nope"')).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot read the certificate, \/nope: .*\n$/),
    });
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    if (address === null || typeof address === 'string') throw new Error('no port was taken');
    expect(await attempt(`metrics_port = ${address.port}`)).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot serve metrics on 127\.0\.0\.1:\d+: .*\n$/),
    });
    expect(await attempt('metrics_port = "9090"')).toEqual({
      code: 1,
      stderr: expect.stringMatching(/crio\.metrics\.metrics_port must be a whole number\n$/),
    });
  });
});
