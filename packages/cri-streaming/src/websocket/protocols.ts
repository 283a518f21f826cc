// SPDX-License-Identifier: Apache-2.0

/** How the messages of a sub-protocol are to be read. */
export interface ChannelProtocol {
  readonly version: 1 | 4 | 5;
  readonly base64: boolean;
}

const plain: ChannelProtocol = { version: 1, base64: false };

const processProtocols: Readonly<Record<string, ChannelProtocol>> = {
  'channel.k8s.io': plain,
  'base64.channel.k8s.io': { version: 1, base64: true },
  'v4.channel.k8s.io': { version: 4, base64: false },
  'v4.base64.channel.k8s.io': { version: 4, base64: true },
  'v5.channel.k8s.io': { version: 5, base64: false },
};

const forwardProtocols: Readonly<Record<string, ChannelProtocol | 'spdy'>> = {
  'v4.channel.k8s.io': { version: 4, base64: false },
  'v4.base64.channel.k8s.io': { version: 4, base64: true },
  'SPDY/3.1+portforward.k8s.io': 'spdy',
};

/** What was agreed on; without a name when the client offered nothing. */
export interface Choice<T> {
  readonly name?: string;
  readonly protocol: T;
}

export function chooseProcessProtocol(offer: readonly string[]): Choice<ChannelProtocol> | undefined {
  return choose(processProtocols, offer, plain);
}

export function chooseForwardProtocol(
  offer: readonly string[],
): Choice<ChannelProtocol | 'spdy'> | undefined {
  return choose(forwardProtocols, offer, plain);
}

/** The first of the client's that is known; undefined when there is none. */
function choose<T>(
  known: Readonly<Record<string, T>>,
  offer: readonly string[],
  otherwise: T,
): Choice<T> | undefined {
  if (offer.length === 0) return { protocol: otherwise };
  for (const name of offer) {
    const protocol = Object.hasOwn(known, name) ? known[name] : undefined;
    if (protocol !== undefined) return { name, protocol };
  }
  return undefined;
}
