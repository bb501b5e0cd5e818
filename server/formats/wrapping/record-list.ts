// A JSON object that holds records in a list, and is none itself: told by what stands in front of the list.

/** A wrapper's opening, up to its array: Vector's payload_prefix, rsyslog's kafkarest, Azure and others. */
const FIRST =
  /^\{\s*"(?:data|records|events|logs|entries|items|messages|lines|values?|hits|results|rows|logEvents|receivedMessages)"\s*:\s*$/i;
/** The same behind other things: of CloudWatch Logs, of what invokes a Lambda, of Pub/Sub. */
const LATER = /,\s*"(?:logEvents|Records|receivedMessages)"\s*:\s*$/;
export const WRAPPER_BYTES_MAX = 2048;

/** `text`: of an object, what stands before an array in it. */
export const opensWrapper = (text: string): boolean => FIRST.test(text) || LATER.test(text);
