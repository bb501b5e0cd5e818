// The four 5xx that are taken for each other.
export const NEIGHBOURS = [
  { code: 500, who: 'the application’s code', when: 'an exception nobody caught; the upstream answered, with this' },
  { code: 502, who: 'between proxy and upstream', when: 'refused, reset, cut short, or an answer that is not HTTP' },
  { code: 503, who: 'this server, or its queue', when: 'overloaded, no instance up, rate-limited, draining or in a deploy' },
  { code: 504, who: 'the upstream, by time', when: 'it accepted the connection and did not answer in time' },
] as const;
