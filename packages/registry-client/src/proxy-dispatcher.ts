// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import type { Dispatcher, ProxyAgent } from 'undici';

/** How connections through a proxy are made. */
export interface ProxyDispatcherOptions {
  readonly connectTimeoutMs: number;
  /** Of the connection to the registry, inside the proxy's. */
  readonly requestTls: NonNullable<ProxyAgent.Options['requestTls']>;
}

/** Sends through a proxy of `http:`, `https:` or `socks5:`. The whole of undici is loaded only for this. */
export async function createProxyDispatcher(
  proxy: URL,
  { connectTimeoutMs, requestTls }: ProxyDispatcherOptions,
): Promise<Dispatcher> {
  const { ProxyAgent, Socks5ProxyAgent } = await import('undici');
  const options = { requestTls, connectTimeout: connectTimeoutMs };
  // ProxyAgent would send a password of SOCKS with its percent signs.
  if (proxy.protocol === 'socks5:') return new Socks5ProxyAgent(proxy, options);
  return new ProxyAgent({
    ...options,
    allowH2: false,
    bodyTimeout: 0,
    headersTimeout: 0,
    uri: proxy.href,
  });
}

/** What the proxy itself refused, in words that name it; any other error as it is. */
export function proxyError(proxy: URL, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const refusal = proxy.protocol === 'socks5:' ? socksRefusal(error) : tunnelRefusal(error);
  if (refusal === undefined) return error;
  const { answer, isTemporary, isLogin, status } = refusal;
  const advice = isLogin ? '; it wants a user name and a password in its URL' : '';
  return new LadingError(
    isTemporary ? Code.Unavailable : Code.FailedPrecondition,
    `the proxy ${proxy.host} answered ${answer}${advice}`,
    { reason: 'PROXY_REFUSED', details: { proxy: proxy.host, ...(status !== undefined && { status }) } },
  );
}

interface Refusal {
  readonly answer: string;
  readonly isTemporary: boolean;
  readonly isLogin: boolean;
  /** Of HTTP. */
  readonly status?: number;
}

/** undici calls it an abort when a proxy answers a CONNECT with anything but 200. */
function tunnelRefusal({ message }: Error): Refusal | undefined {
  const [, other, login] = /Proxy response \((\d+)\)|\((407)\)/.exec(message) ?? [];
  const answer = other ?? login;
  if (answer === undefined) return undefined;
  return { answer, isTemporary: Number(answer) >= 500, isLogin: answer === '407', status: Number(answer) };
}

/** RFC 1928, section 6: of the replies, these stay as they are until somebody changes the proxy's rules. */
const lasting = ['2', '7', '8'];

function socksRefusal(error: Error): Refusal | undefined {
  const code = 'code' in error ? String(error.code) : '';
  const [, reply] = /^UND_ERR_SOCKS5_REPLY_(\d+)$/.exec(code) ?? [];
  if (reply !== undefined) {
    return { answer: `reply ${reply} of SOCKS 5`, isTemporary: !lasting.includes(reply), isLogin: false };
  }
  const isLogin = /^UND_ERR_SOCKS5_AUTH_(?:FAILED|REJECTED|METHOD)$/.test(code);
  return isLogin ? { answer: 'that it does not let us in', isTemporary: false, isLogin } : undefined;
}
