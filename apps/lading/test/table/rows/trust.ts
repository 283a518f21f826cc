// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

const file = '--policypath {dir}/policy.json';
const policy = {
  default: [{ type: 'insecureAcceptAnything' }],
  transports: {
    docker: {
      'reg.example.com': [{ type: 'reject' }],
      'quay.io/x': [{ type: 'sigstoreSigned', keyPath: '/k.pub' }, { type: 'insecureAcceptAnything' }],
    },
    'docker-daemon': { '': [{ type: 'insecureAcceptAnything' }] },
    'containers-storage': { '': [{ type: 'reject' }] },
  },
};
const written = [`! echo '${JSON.stringify(policy)}' > policy.json`];
const places = [
  '! mkdir -p places && printf "default-docker:\\n  lookaside: file:///all\\ndocker:\\n  quay.io:\\n    lookaside: https://signatures.example\\n" > places/a.yaml',
];

/** Whom the machine trusts. */
export const trustRows: readonly Row[] = [
  {
    name: 'image trust show',
    before: [...written, ...places],
    lines: [
      `image trust show ${file}`,
      `image trust show ${file} --registrypath {dir}/places --noheading`,
      `image trust show ${file} --registrypath {dir}/places --json`,
      `image trust show ${file} --raw`,
      'image trust show --policypath {dir}/none',
    ],
  },
  {
    name: 'image trust set',
    before: [...written, '! printf x > key.pub'],
    lines: [
      `image trust set ${file} --type reject docker.io`,
      `image trust set ${file} --type accept quay.io/x`,
      `image trust set ${file} --type sigstoreSigned -f {dir}/key.pub localhost:5000/team/app`,
      '! cat policy.json',
      `image trust set ${file} --type reject default`,
      '! head -n 6 policy.json; stat -c %a policy.json',
      'image trust set --policypath {dir}/new.json --type reject default',
      '! cat new.json',
    ],
  },
  {
    name: 'image trust set of what cannot be',
    before: written,
    lines: [
      `image trust set ${file} quay.io/x`,
      `image trust set ${file} --type frob quay.io/x`,
      `image trust set ${file} --type reject -f {dir}/policy.json quay.io/x`,
      ['image', 'trust', 'set', '--policypath', '{dir}/policy.json', '--type', 'reject', 'a b'],
      `image trust set ${file} --type reject https://quay.io`,
      '! cat policy.json',
    ],
    differs: {
      reason: 'podman 4.3 writes a scope that no image has',
      lines: { 4: { code: 125, err: 'error' }, 5: { out: /^\{"default".*\n$/ } },
    },
  },
];
