// Arithmetic expressions.

// The deepest nesting, so that no input can exhaust the stack.
const DEEPEST = 100;

// Return the value of an expression made of decimal numbers, + - * /, unary minus and parentheses.
//
// Throws a SyntaxError for a malformed expression, and a RangeError for a division by zero.
export function evaluate(expr) {
  const parser = new Parser(expr);
  const value = parser.sum();
  if (parser.peek()) {
    throw new SyntaxError(`unexpected ${parser.rest}`);
  }
  return value;
}

// A recursive-descent parser that evaluates as it reads.
class Parser {
  #depth = 0;

  constructor(text) {
    this.rest = text;
  }

  // Skip blanks and return the next character, or nothing at the end.
  peek() {
    this.rest = this.rest.trimStart();
    return this.rest.charAt(0);
  }

  // Read products joined by + and -.
  sum() {
    let left = this.#product();
    for (let operator = this.peek(); operator === '+' || operator === '-'; operator = this.peek()) {
      this.#skip();
      const right = this.#product();
      left = operator === '+' ? left + right : left - right;
    }
    return left;
  }

  // Read factors joined by * and /.
  #product() {
    let left = this.#factor();
    for (let operator = this.peek(); operator === '*' || operator === '/'; operator = this.peek()) {
      this.#skip();
      const right = this.#factor();
      if (operator === '/' && right === 0) {
        throw new RangeError('division by zero');
      }
      left = operator === '*' ? left * right : left / right;
    }
    return left;
  }

  // Read a number, a negated factor or a sum in parentheses.
  #factor() {
    this.#depth += 1;
    if (this.#depth > DEEPEST) {
      throw new SyntaxError('the expression is nested too deeply');
    }
    try {
      switch (this.peek()) {
        case '-':
          this.#skip();
          return -this.#factor();
        case '(':
          this.#skip();
          return this.#group();
        default:
          return this.#number();
      }
    } finally {
      this.#depth -= 1;
    }
  }

  // Read the rest of a parenthesis that has been opened.
  #group() {
    const value = this.sum();
    if (this.peek() !== ')') {
      throw new SyntaxError('a closing parenthesis is missing');
    }
    this.#skip();
    return value;
  }

  // Read a whole or decimal number.
  #number() {
    const [text] = this.rest.match(/^[\d.]*/);
    if (!/^(?:\d+\.?\d*|\.\d+)$/.test(text)) {
      throw new SyntaxError(`expected a number at ${this.rest}`);
    }
    this.rest = this.rest.slice(text.length);
    return Number(text);
  }

  // Consume the character that peek showed.
  #skip() {
    this.rest = this.rest.slice(1);
  }
}
