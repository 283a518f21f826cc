// SPDX-License-Identifier: Apache-2.0
import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { Code, LadingError } from '@lading/errors';
import { buildConnector } from 'undici';
import { isPrivateAddress, isPrivateHost } from './address.ts';

/** How connections are made. */
export interface ConnectorOptions {
  readonly timeout: number;
  readonly rejectUnauthorized: boolean;
  readonly secureContext: SecureContext | undefined;
  readonly socketPath: string | undefined;
}

/** Whether an origin was only ever reached in the own machine or network; undefined before the first time. */
export type Reached = (origin: string) => boolean | undefined;

/**
 * Makes connections and remembers where they led. With `publicOnly` the addresses that a name resolves to are
 * looked at in the moment in which they are used: looked at before, the name could mean another address a
 * moment later.
 */
export function createConnector(
  { secureContext, socketPath, ...options }: ConnectorOptions,
  publicOnly: boolean,
): { connect: buildConnector.connector; reached: Reached } {
  const places = new Map<string, boolean>();
  const connect = buildConnector({
    ...options,
    allowH2: false,
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(publicOnly ? { lookup: publicLookup } : {}),
  });
  return {
    connect(target, callback) {
      // An address is not looked up.
      if (publicOnly && isPrivateHost(target.hostname)) return callback(notPublic(target.hostname), null);
      connect(target, (...[error, socket]) => {
        if (error !== null) return callback(error, null);
        const origin = `${target.protocol}//${target.host ?? target.hostname}`;
        const address = socket.remoteAddress;
        const isPrivate = address === undefined ? socketPath !== undefined : isPrivateAddress(address);
        // One connection to the public network is enough: which one an answer came through is not known.
        places.set(origin, isPrivate && places.get(origin) !== false);
        callback(null, socket);
      });
    },
    reached: (origin) => places.get(origin),
  };
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    const open = (found ?? []).filter(({ address }) => !isPrivateAddress(address));
    const [first] = open;
    if (error !== null) return callback(error, []);
    if (first === undefined) return callback(notPublic(hostname), []);
    if (options.all === true) return callback(null, open as LookupAddress[]);
    callback(null, first.address, first.family);
  });
};

function notPublic(hostname: string): LadingError {
  return new LadingError(
    Code.PermissionDenied,
    `${hostname} leads to a private address, and a server of the public network named it; that is not followed`,
    { reason: 'UNSAFE_LOCATION', details: { host: hostname } },
  );
}
