// Fraud limits: what is used of each stands below the form (OUT-69).
import { later } from "../../part/later";
import type { Own } from "../list";

const Used = later(() => import("../fraud_used").then((made) => made.FraudUsed));

export const fraudLimit = (): Own => ({ below: () => <Used /> });
