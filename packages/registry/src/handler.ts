// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Authorize, refusal } from './authorize.ts';
import { answerJson, type Exchange, type RegistryState } from './context.ts';
import type { Intercept } from './intercept.ts';
import { catalogRoute } from './list-routes.ts';
import { checkName } from './names.ts';
import { checkMethod, findRoute, reading } from './route.ts';
import { answerOf, specError } from './spec-error.ts';

/** The distribution API as a listener for node:http. `onError` hears of failures that are the server's own. */
export function createHandler(
  state: RegistryState,
  authorize: Authorize | undefined,
  onError: (error: unknown) => void,
  intercept?: Intercept,
): RequestListener {
  return (request, response) => {
    turnOf(response)
      .then(() => serve(state, authorize, intercept, request, response))
      .catch((error: unknown) => fail(request, response, error, onError))
      .catch(onError);
  };
}

/**
 * Requests that a client sends before it has the answers to the ones before wait here: five hundred of them fit
 * into one packet of a connection, and each would hold a file and buffers.
 */
async function turnOf(response: ServerResponse): Promise<void> {
  // Where the connection ends first nobody waits for the answer, and nothing is held.
  if (response.socket === null) await once(response, 'socket');
}

async function serve(
  state: RegistryState,
  authorize: Authorize | undefined,
  intercept: Intercept | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  const method = request.method ?? 'GET';
  const [rawPath = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
  const exchange: Exchange = { request, response, method, query: new URLSearchParams(query) };
  const refused = await authorize?.(request);
  if (refused !== undefined) throw refusal(response, refused);
  const path = decode(rawPath);
  if (intercept !== undefined && (await intercept(exchange, path))) return;
  if (path === '/v2/' || path === '/v2') {
    checkMethod(exchange, reading);
    return answerJson(exchange, {});
  }
  if (path === '/v2/_catalog') {
    checkMethod(exchange, reading);
    return catalogRoute(state, exchange);
  }
  const found = path.startsWith('/v2/') ? findRoute(path.slice(4)) : undefined;
  if (found === undefined) throw specError('UNSUPPORTED', 'there is no such endpoint', 404);
  const { route, name, last } = found;
  checkName(name);
  checkMethod(exchange, route.methods);
  return await route.run(state, exchange, name, last);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw specError('NAME_INVALID', 'the path is not well encoded');
  }
}

async function fail(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  onError: (error: unknown) => void,
): Promise<void> {
  // A client that went away, before or during the answer, is no failure of this server and cannot be told.
  if (request.errored !== null || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  const { status, body } = answerOf(error);
  if (response.headersSent) {
    // The status is gone out; a cut connection is the one way left to say that the body is not whole.
    const clientLeft =
      error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!clientLeft) onError(error);
    response.destroy();
    return;
  }
  if (status >= 500) onError(error);
  // A client that is still sending when the connection ends may lose the answer, so a body of the size that
  // manifests have is read away; a longer one is not, and its connection cannot serve another request.
  try {
    await readAway(request);
  } catch (left) {
    if (!request.destroyed) throw left;
    response.destroy();
    return;
  }
  if (!request.complete) response.setHeader('connection', 'close');
  if (status === 429) response.setHeader('retry-after', '5');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

const longestReadAway = 8 * 1024 * 1024;

async function readAway(request: IncomingMessage): Promise<void> {
  let room = longestReadAway;
  const body: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    room -= chunk.length;
    if (room < 0) return;
  }
}
