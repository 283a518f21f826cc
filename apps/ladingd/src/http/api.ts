// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from 'node:http';
import type { Engine } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';
import { findContainer } from '../cri/find.ts';

/** What the plain HTTP side of the socket shows. */
export interface HttpApiOptions {
  /** The configuration in force, as TOML. */
  readonly config: () => string;
  readonly engine: Engine;
  readonly version: string;
}

interface Answer {
  readonly type: string;
  readonly body: string;
}

const json = (value: unknown): Answer => ({ type: 'application/json', body: `${JSON.stringify(value)}\n` });

/** `/config`, `/info` and `/containers/{id}`, as CRI-O has them; for reading only. */
export function createHttpApi(options: HttpApiOptions): Server {
  return createServer({ maxHeaderSize: 16 << 10 }, (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const work = isRead
      ? answerOf(options, path)
      : Promise.reject(new LadingError(Code.Unimplemented, `${path} can only be read`));
    work.then(
      ({ type, body }) => {
        response.writeHead(200, { 'content-type': type }).end(request.method === 'HEAD' ? undefined : body);
      },
      (error: unknown) => {
        const failure = LadingError.from(error, Code.Internal);
        const headers = { 'content-type': 'text/plain; charset=utf-8' };
        const status = isRead ? (statuses[failure.code] ?? 500) : 405;
        response.writeHead(status, headers).end(`${failure.message}\n`);
      },
    );
  });
}

const statuses: Readonly<Record<string, number>> = { [Code.NotFound]: 404, [Code.InvalidArgument]: 400 };

async function answerOf({ config, engine, version }: HttpApiOptions, path: string): Promise<Answer> {
  if (path === '/config') return { type: 'application/toml', body: config() };
  if (path === '/info') return json(info(engine, version));
  const [, id] = /^\/containers\/([^/]+)$/.exec(path) ?? [];
  if (id !== undefined) return json(await containerInfo(engine, id));
  throw new LadingError(Code.NotFound, 'there is /config, /info and /containers/{id}');
}

function info({ store }: Engine, version: string): object {
  return {
    version,
    storage_driver: 'overlay',
    storage_root: store.graphRoot,
    ...(store.imageStore === undefined ? {} : { storage_image: store.imageStore }),
    storage_run_root: store.runRoot,
    cgroup_driver: 'cgroupfs',
  };
}

/** In the words of CRI-O's endpoint, for the tools that read it. */
async function containerInfo(engine: Engine, id: string): Promise<object> {
  const { container, kept } = await findContainer(engine, id);
  const pod = container.podId === undefined ? undefined : await engine.pods.inspect(container.podId);
  return {
    name: container.name,
    pid: container.pid,
    image: kept.image,
    image_ref: container.imageId,
    created_time: Date.parse(container.createdAt) * 1e6,
    labels: container.options.labels ?? {},
    annotations: container.options.annotations ?? {},
    crio_annotations: {},
    log_path: container.logPath,
    root: container.run?.rootfs ?? '',
    sandbox: container.podId ?? '',
    ip_addresses: (pod?.networks ?? []).flatMap(({ ips }) =>
      ips.map(({ address }) => address.replace(/\/\d+$/, '')),
    ),
  };
}
