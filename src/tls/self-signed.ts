import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import {
  bitString,
  isTrue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  tagged,
  taggedBytes,
  time,
  unsignedInteger,
  utf8String,
} from './der.js';

/** A certificate that vouches for itself, and its private key, each as PEM. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

/** Somebody's clock may be late. */
const earlierMs = 3_600_000;
const validMs = 365 * 86_400_000;

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** By their numbers in RFC 5280, section 4.2.1. */
const commonName = '2.5.4.3';
const keyUsage = '2.5.29.15';
const subjectAltName = '2.5.29.17';
const basicConstraints = '2.5.29.19';
const extendedKeyUsage = '2.5.29.37';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * It is no authority: whoever trusts it trusts nothing else that its key has signed.
 * @param hosts names and addresses
 * @param now wall time in milliseconds
 */
export function selfSigned(hosts: readonly string[], now: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const serial = randomBytes(16);
  // No two have the same name, or whoever trusts several could not tell whose the issuer is.
  const name = nameOf(`conclave ${serial.toString('hex')}`);
  const content = sequence(
    tagged(0, unsignedInteger(Buffer.from([versionThree]))),
    unsignedInteger(serial),
    ecdsaWithSha256,
    name,
    sequence(time(now - earlierMs), time(now + validMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, extensions(hosts)),
  );
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, ecdsaWithSha256, bitString(signature, 0));
  return {
    cert: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Versions are counted from 0. */
const versionThree = 2;

function nameOf(text: string): Uint8Array {
  return sequence(setOf(sequence(objectIdentifier(commonName), utf8String(text))));
}

function extensions(hosts: readonly string[]): Uint8Array {
  const usages = [serverAuth, clientAuth].map(objectIdentifier);
  return sequence(
    critical(basicConstraints, sequence()),
    critical(keyUsage, bitString(Buffer.from([0x80]), 7)),
    extension(extendedKeyUsage, sequence(...usages)),
    extension(subjectAltName, sequence(...hosts.map(generalName))),
  );
}

function extension(id: string, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(id), octetString(value));
}

/** Whoever does not know it must refuse the certificate. */
function critical(id: string, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(id), isTrue(), octetString(value));
}

function generalName(host: string): Uint8Array {
  return isIP(host) > 0 ? taggedBytes(7, addressBytes(host)) : taggedBytes(2, Buffer.from(host));
}

function addressBytes(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from(host.split('.').map(Number));
  // A URL has eight groups at most, all of them hexadecimal, whatever was written.
  const text = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = text
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0'));
  return Buffer.from(groups.join(''), 'hex');
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
