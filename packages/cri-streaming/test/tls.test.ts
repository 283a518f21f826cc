// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startStreamingServer } from '../src/index.ts';
import { connectWebSocket } from './websocket-client.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function makeCertificate(name: string, into = ''): { certFile: string; keyFile: string } {
  const files = { certFile: join(folder, `${into}tls.crt`), keyFile: join(folder, `${into}tls.key`) };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const out = ['-keyout', files.keyFile, '-out', files.certFile];
  execFileSync('openssl', ['req', '-x509', ...key, ...out, '-subj', `/CN=${name}`, '-days', '2'], {
    stdio: 'ignore',
  });
  return files;
}

async function nameAt(address: string): Promise<unknown> {
  const socket = connect({
    port: Number(new URL(address).port),
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

it('serves over TLS, takes a new certificate at once, and stays with the old one while the new is broken', async () => {
  const tls = makeCertificate('one');
  await using server = await startStreamingServer({ tls });
  const url = server.exec({
    stdout: true,
    run: async ({ stdout }) => {
      await stdout?.(Buffer.from('hello'));
      return { exitCode: 0 };
    },
  });
  expect(url).toMatch(/^https:/);
  const client = await connectWebSocket(url, ['v4.channel.k8s.io']);
  await client.closed;
  expect(client.text(1)).toBe('hello');

  writeFileSync(tls.keyFile, 'no key');
  expect(await nameAt(server.address)).toBe('one');
  const next = makeCertificate('two', 'next-');
  renameSync(next.keyFile, tls.keyFile);
  renameSync(next.certFile, tls.certFile);
  expect(await nameAt(server.address)).toBe('two');
});

it('names a certificate that is not there', async () => {
  const tls = { certFile: join(folder, 'none.crt'), keyFile: join(folder, 'none.key') };
  await expect(startStreamingServer({ tls })).rejects.toThrow('cannot read the certificate');
});
