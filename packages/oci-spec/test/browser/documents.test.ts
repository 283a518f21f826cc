// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { runInChromium } from '../../../../tools/test-support/chromium.ts';

/** The work of a page that shows and changes a config.json. */
const page = `
import {
  cgroupV2Files, defaultLinuxSpec, defaultSeccomp, encodeJson, isSpec, parseFeatures, parseSpec, parseState,
  privileged, supports, withCapabilities, withMounts, withResources, withSeccomp,
} from '@lading/oci-spec';

export default (text) => {
  const decode = (bytes) => new TextDecoder().decode(bytes);
  const parsed = parseSpec(new TextEncoder().encode(text));
  let spec = withMounts(defaultLinuxSpec({ like: 'podman' }), [{ destination: '/data', type: 'bind', source: '/srv' }]);
  spec = withCapabilities(spec, { drop: ['ALL'], add: ['net_bind_service'] });
  spec = withResources(spec, { memory: { limit: 9223372036854771712n } });
  const capabilities = spec.process.capabilities.bounding;
  spec = withSeccomp(spec, defaultSeccomp({ capabilities, architecture: 'arm64' }));
  let fault;
  try {
    parseState('{"ociVersion":"1.3.0","id":"a","status":"running","bundle":"/b","pid":9007199254740993}');
  } catch (error) {
    fault = error.message;
  }
  return {
    bytesKept: decode(encodeJson(parsed)) === text,
    exact: String(parsed.process.rlimits[0].hard),
    edited: decode(encodeJson({ ...parsed, hostname: 'h' })),
    valid: isSpec(spec) && isSpec(privileged(spec)),
    capabilities,
    memory: cgroupV2Files(spec.linux.resources)['memory.max'],
    supported: supports(parseFeatures('{"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0"}'), { ociVersion: '1.1.0' }),
    fault,
  };
};
`;

it('parses, keeps, edits and writes documents in a browser', async () => {
  const rlimit = '{"type":"RLIMIT_CORE","soft":0,"hard":18446744073709551615}';
  const text = `{ "ociVersion": "1.3.0", "later": 1.0, "process": {"cwd":"/","rlimits":[${rlimit}]} }`;
  expect(await runInChromium(page, import.meta.dirname, text)).toEqual({
    bytesKept: true,
    exact: '18446744073709551615',
    edited: `{"ociVersion":"1.3.0","later":1,"process":{"cwd":"/","rlimits":[${rlimit}]},"hostname":"h"}`,
    valid: true,
    capabilities: ['CAP_NET_BIND_SERVICE'],
    memory: '9223372036854771712',
    supported: true,
    fault: 'state.pid: expected a whole number from 0 to 2^53 - 1, got 9007199254740993',
  });
});
