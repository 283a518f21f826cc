// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isLoopbackHost } from './address.ts';
import { inSubnet, parseAddress, parseSubnet } from './ip-address.ts';

/** The proxy for a URL; undefined where the host is asked directly. */
export type ProxyFor = (url: URL) => URL | undefined;

type Exception = (host: string, port: string) => boolean;

/**
 * The proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, upper case before lower case. The rules are
 * those of Go, which the other container tools follow: ALL_PROXY is not read, and loopback is asked directly.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): ProxyFor {
  const named = (name: string): string => env[name] || env[name.toLowerCase()] || '';
  const proxies = { 'http:': parseProxy(named('HTTP_PROXY')), 'https:': parseProxy(named('HTTPS_PROXY')) };
  const exceptions = parseExceptions(named('NO_PROXY'));
  return (url) => {
    const proxy = url.protocol === 'http:' || url.protocol === 'https:' ? proxies[url.protocol] : undefined;
    if (proxy === undefined || isLoopbackHost(url.hostname)) return undefined;
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
    if (exceptions.some((except) => except(host, port))) return undefined;
    if (url.protocol === 'http:' && env.REQUEST_METHOD) {
      throw new LadingError(
        Code.FailedPrecondition,
        'HTTP_PROXY is not used under CGI, where a client can set it; unset it or REQUEST_METHOD',
      );
    }
    return proxy;
  };
}

/** A value that cannot be understood names no proxy. `host:port` alone means http. */
function parseProxy(text: string): URL | undefined {
  if (text === '') return undefined;
  const full = /^(?:https?|socks5):/i.test(text) ? text : `http://${text}`;
  return URL.canParse(full) ? new URL(full) : undefined;
}

function parseExceptions(text: string): readonly Exception[] {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
  if (entries.includes('*')) return [() => true];
  return entries.flatMap((entry) => parseException(entry) ?? []);
}

function parseException(entry: string): Exception | undefined {
  const subnet = parseSubnet(entry);
  if (subnet !== undefined) {
    return (host) => {
      const address = parseAddress(host);
      return address !== undefined && inSubnet(address, subnet);
    };
  }
  const [, bracketed, plain, port = ''] = /^(?:\[(.*)\]|([^:]*)):(\d*)$/.exec(entry) ?? [undefined, entry];
  const name = bracketed ?? plain ?? entry;
  if (name === '') return undefined;
  const samePort = (asked: string): boolean => port === '' || port === asked;
  const address = parseAddress(name);
  if (address !== undefined) {
    return (host, asked) => parseAddress(host)?.join() === address.join() && samePort(asked);
  }
  // `.example.com` and `*.example.com` are the names below it; `example.com` is itself and those.
  const below = name.startsWith('*.') ? name.slice(1) : name.startsWith('.') ? name : `.${name}`;
  const itself = below.slice(1) === name ? name : undefined;
  return (host, asked) => (host.endsWith(below) || host === itself) && samePort(asked);
}
