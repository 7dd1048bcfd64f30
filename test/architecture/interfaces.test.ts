import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/process.ts";

/** Every operation of the interfaces that the first plan names for `pkg/`: `Interface: Operation Operation …`. */
const planned = `
EnvReader: Get GetOrDefault
ConfigManager: Load GetConfig Watch Validate GetString GetInt GetBool
Logger: Debug Info Warn Error With WithContext WithError
Telemetry: StartSpan GenerateTraceID SetSamplingRate RecordCounter RecordGauge RecordHistogram
Span: End AddEvent SetAttributes
RedisClient: Set Get Delete Publish Subscribe SAdd SMembers Begin
RedisTransaction: Exec Rollback
InfluxWriter: WritePoint
SQLClient: Query Exec Begin Prepare SetMaxOpenConns SetMaxIdleConns SetConnMaxLifetime
SQLTransaction: Commit Rollback
Stmt: Query Exec Close
EventBus: Publish Subscribe PublishWithRetry SubscribeWithDeadLetter SetMessageTTL
FileStore: Read Write Delete Lock Unlock GetMetadata ListVersions
DataSource: List Create Update Delete ListWithPagination ListWithSort BatchCreate BatchUpdate Validate
AuthProvider: Login ValidateToken Logout RefreshToken GetUserInfo CheckPermission ListRoles
CacheManager: Get Set Delete Clear GetOrSet GetMulti SetMulti
JobScheduler: Schedule Cancel ListJobs GetJobStatus PauseJob ResumeJob UpdateJob GetJobHistory
SchedulerService: ScheduleJob CancelJob GetJobStatus PauseJob ResumeJob UpdateJobSchedule GetJobHistory
SecretManager: GetSecret SetSecret DeleteSecret ListSecrets GetSecretWithVersion RotateSecret GetSecretMetadata
ErrorHandler: HandleError IsRetryable GetErrorCode GetErrorDetails WrapError UnwrapError GetErrorStack GetErrorContext
`
  .trim()
  .split("\n")
  .flatMap((line) => {
    const [name, operations = ""] = line.split(": ");
    return operations.split(" ").map((operation) => `${name}.${operation}`);
  });

interface Row {
  operation: string;
  /** `file#Export` or `file#Export.member`. */
  symbol: string;
  testFile: string;
  /** Part of the test's title. */
  testTitle: string;
}

const rows: Row[] = readFileSync(join(root, "docs/interfaces.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [operation = "", symbol = "", test = ""] = line
      .split(" | ")
      .map((cell) => cell.replace(/^\| |\|$/g, "").trim());
    const [, testFile = "", testTitle = ""] = /^`([^`]+)`: (.+)$/.exec(test) ?? [];
    return { operation: unquote(operation), symbol: unquote(symbol), testFile, testTitle };
  });

describe("docs/interfaces.md", () => {
  it("has each operation of the plan once", () => {
    expect(rows.map(({ operation }) => operation).sort()).toEqual([...planned].sort());
  });

  it.each(rows)("$operation is $symbol", ({ symbol, testFile, testTitle }) => {
    const [file = "", path = ""] = symbol.split("#");
    const [name = "", member] = path.split(".");
    expect(membersOf(file, name)).toContain(member ?? name);
    expect(readFileSync(join(root, testFile), "utf8")).toContain(testTitle);
    expect(testTitle.length).toBeGreaterThan(8);
  });
});

function unquote(cell: string): string {
  return cell.replaceAll("`", "");
}

/** The exported declaration's own name and the names inside it. */
function membersOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  for (const statement of source.statements) {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { name: variable } of statement.declarationList.declarations) {
        if (variable.getText(source) === name) found.push(name);
      }
    } else if ("name" in statement && (statement.name as ts.Node | undefined)?.getText(source) === name) {
      found.push(name);
      const shape = ts.isTypeAliasDeclaration(statement) ? statement.type : statement;
      if (!ts.isInterfaceDeclaration(shape) && !ts.isTypeLiteralNode(shape) && !ts.isClassDeclaration(shape)) continue;
      for (const part of shape.members) if (part.name) found.push(part.name.getText(source));
    }
  }
  return found;
}
