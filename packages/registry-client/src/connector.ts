// SPDX-License-Identifier: Apache-2.0
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction, type OnReadOpts } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Code, LadingError } from '@lading/errors';
import type { buildConnector } from 'undici';
import connectBy from 'undici/lib/core/connect.js';
import { isPrivateAddress, isPrivateHost } from './address.ts';
import { makingParser } from './making-parser.ts';

/** How connections are made. */
export interface ConnectorOptions {
  readonly timeout: number;
  readonly rejectUnauthorized: boolean;
  readonly secureContext: SecureContext | undefined;
  readonly socketPath: string | undefined;
  readonly resolve: ((hostname: string) => Promise<readonly string[]>) | undefined;
  /** Where to read into. */
  readonly onread: OnReadOpts;
}

/** Whether an origin was only ever reached in the own machine or network; undefined before the first time. */
export type Reached = (origin: string) => boolean | undefined;

/**
 * Makes connections and remembers where they led. With `publicOnly` the addresses that a name resolves to are
 * looked at in the moment in which they are used: looked at before, the name could mean another address a
 * moment later.
 */
export function createConnector(
  { secureContext, socketPath, resolve, ...options }: ConnectorOptions,
  publicOnly: boolean,
): { connect: buildConnector.connector; reached: Reached } {
  const places = new Map<string, boolean>();
  const connect = connectBy({
    ...options,
    allowH2: false,
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(publicOnly || resolve !== undefined ? { lookup: lookupBy(resolve ?? addressesOf, publicOnly) } : {}),
  });
  return {
    connect(target, callback) {
      // An address is not looked up, and a socket of this machine is not reached by one.
      if (publicOnly && (socketPath !== undefined || isPrivateHost(target.hostname)))
        return callback(notPublic(target.hostname), null);
      connect(target, (...[error, socket]) => {
        if (error !== null) return callback(error, null);
        const origin = `${target.protocol}//${target.host ?? target.hostname}`;
        const address = socket.remoteAddress;
        const isPrivate = address === undefined ? socketPath !== undefined : isPrivateAddress(address);
        // One connection to the public network is enough: which one an answer came through is not known.
        places.set(origin, isPrivate && places.get(origin) !== false);
        makingParser(() => callback(null, socket));
      });
    },
    reached: (origin) => places.get(origin),
  };
}

async function addressesOf(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

function lookupBy(
  resolve: (hostname: string) => Promise<readonly string[]>,
  publicOnly: boolean,
): LookupFunction {
  return (hostname, options, callback) => {
    const find = async () => {
      const found = (await resolve(hostname)).map((address) => ({ address, family: isIP(address) }));
      const allowed = found.filter(({ address }) => !publicOnly || !isPrivateAddress(address));
      const [first] = allowed;
      if (found.length === 0) {
        throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
      }
      if (first === undefined) throw notPublic(hostname);
      return { first, allowed };
    };
    find().then(
      ({ first, allowed }) =>
        options.all === true ? callback(null, allowed) : callback(null, first.address, first.family),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), []),
    );
  };
}

function notPublic(hostname: string): LadingError {
  return new LadingError(
    Code.PermissionDenied,
    `${hostname} leads to a private address, and a server of the public network named it; that is not followed`,
    { reason: 'UNSAFE_LOCATION', details: { host: hostname } },
  );
}
