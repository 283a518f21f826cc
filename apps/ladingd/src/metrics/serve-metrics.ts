// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTlsServer } from '@lading/cri-streaming';
import { Code, LadingError } from '@lading/errors';
import { prometheusType } from '@lading/prometheus';
import type { Settings } from '../config/settings.ts';

/** Metrics that are served. */
export interface MetricsServers extends AsyncDisposable {
  /** `http://127.0.0.1:9090/metrics` */
  readonly address: string;
}

const defaultPort = 9090;

/**
 * Serves `/metrics` where the settings say, with TLS where they name a certificate.
 *
 * @throws LadingError naming the address that cannot be listened on, or the file that cannot be read
 */
export async function serveMetrics(settings: Settings, render: () => string): Promise<MetricsServers> {
  const { metricsCert, metricsKey, metricsSocket } = settings;
  const host = settings.metricsHost ?? '127.0.0.1';
  const port = settings.metricsPort ?? defaultPort;
  if (port < 0 || port > 65_535) {
    throw new LadingError(Code.InvalidArgument, `crio.metrics.metrics_port: ${port} is no port`);
  }
  if ((metricsCert === undefined) !== (metricsKey === undefined)) {
    throw new LadingError(Code.InvalidArgument, 'metrics_cert and metrics_key belong together; set both');
  }
  const listener = answer(render);
  const server =
    metricsCert !== undefined && metricsKey !== undefined
      ? createTlsServer({ certFile: metricsCert, keyFile: metricsKey }, listener)
      : createServer(listener);
  const servers: Server[] = [];
  const dispose = async (): Promise<void> => {
    for (const one of servers) {
      one.close();
      one.closeAllConnections();
    }
    if (metricsSocket !== undefined) await rm(metricsSocket, { force: true });
  };
  try {
    await listen(server, { host, port }, `${host}:${port}`);
    servers.push(server);
    if (metricsSocket !== undefined) {
      await rm(metricsSocket, { force: true });
      const local = createServer(listener);
      await listen(local, { path: metricsSocket }, metricsSocket);
      servers.push(local);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  const { port: bound } = server.address() as AddressInfo;
  const scheme = metricsCert === undefined ? 'http' : 'https';
  const name = host.includes(':') ? `[${host}]` : host;
  return { address: `${scheme}://${name}:${bound}/metrics`, [Symbol.asyncDispose]: dispose };
}

function answer(render: () => string): RequestListener {
  return ({ url, method }, response) => {
    const isFound = (url ?? '').split('?')[0] === '/metrics';
    const isRead = method === 'GET' || method === 'HEAD';
    if (!isFound || !isRead) {
      response.writeHead(isFound ? 405 : 404, { 'content-type': 'text/plain' }).end('there is /metrics\n');
      return;
    }
    response.writeHead(200, { 'content-type': prometheusType });
    response.end(method === 'HEAD' ? undefined : render());
  };
}

async function listen(
  server: Server,
  where: { readonly host: string; readonly port: number } | { readonly path: string },
  shown: string,
): Promise<void> {
  try {
    server.listen(where);
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = LadingError.from(error, Code.Unavailable);
    throw new LadingError(code, `cannot serve metrics on ${shown}: ${message}`, { cause: error });
  }
}
