/** The settings of one face: what this member shows there, and whom it trusts. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whoever connects has to show a certificate from one of these. Undefined: nobody has to. */
  readonly trustedCaFile: string | undefined;
  /** Lists of certificates that those authorities have revoked. */
  readonly crlFile?: string | undefined;
  readonly minVersion: TlsVersion;
  /** The common name of a client's certificate is the name of its user (--client-cert-auth). */
  readonly namesUsers?: boolean;
  /** How the flags of this face begin, for what is told about its files. */
  readonly flagPrefix: '' | 'peer-';
  /** The member makes both files itself, for these hosts. Undefined: an operator gives them. */
  readonly madeFor?: readonly string[];
}

/** Those for TLS between members. */
export interface PeerTlsFiles extends TlsFiles {
  /** `anybody`: whoever connects is taken for a peer, whatever it shows (--peer-auto-tls). */
  readonly names: PeerNames | 'anybody';
}

/** What the certificate of a peer has to name instead of the host of its peer URL. */
export interface PeerNames {
  readonly allowedCommonName: string | undefined;
  readonly allowedHostname: string | undefined;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';
