# Writes reference.json: what metafor says of the data sets beside it. Iterations are run to the last digits.
# Usage: Rscript tests/r/reference.R     (Debian: r-cran-metafor, r-cran-metadat; r-cran-clubsandwich for CR2)
suppressPackageStartupMessages(library(metafor))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))

json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ", "), "]"))
    return(paste0("{\n", paste0('"', names(x), '": ', parts, collapse = ",\n"), "\n}"))
  }
  one <- function(v) if (is.character(v)) paste0('"', v, '"') else if (is.na(v)) "null" else sprintf("%.17g", v)
  parts <- vapply(unname(x), one, "")
  if (length(x) == 1 && !inherits(x, "AsIs")) parts else paste0("[", paste(parts, collapse = ", "), "]")
}
many <- function(x) I(as.vector(x))

measures <- c(bcg = "RR", colditz1994 = "RD", normand1999 = "SMD", curtis1998 = "ROM", gibson2002 = "SMD", dagostino1998 = "SMD",
  li2007 = "OR", egger2001 = "OR", nielweise2007 = "OR", linde2005 = "RR", hine1989 = "RD", hart1999 = "RR", collins1985a = "OR",
  hackshaw1998 = "GEN", raudenbush1985 = "GEN", bangertdrowns2004 = "GEN", baskerville2012 = "GEN", konstantopoulos2011 = "GEN",
  assink2016 = "GEN")
tight <- function(method) {
  told <- list(maxiter = 100000, tau2.max = 1e5)
  if (method %in% c("REML", "ML", "EB")) told$threshold <- 1e-14
  if (method == "PM") told$tol <- 1e-14
  told
}
fit <- function(yi, vi, method = "REML", ...) suppressWarnings(rma(yi, vi, method = method, control = tight(method), ...))

of <- function(d, measure, vtype = "LS") {
  if (measure == "GEN") return(d)
  if (measure %in% c("RR", "OR", "RD")) return(escalc(measure, ai = ai, bi = bi, ci = ci, di = di, data = d, vtype = "LS", to = "only0"))
  escalc(measure, m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, n2i = n2, data = d, vtype = vtype)
}
sizes <- function(d) {
  if (!is.null(d$m1)) {
    out <- lapply(c(SMD = "LS", SMD_LS2 = "LS2", SMD_UB = "UB"), function(v) of(d, "SMD", v))
    out <- c(out, list(MD = of(d, "MD"), ROM = if (all(d$m1 / d$m2 > 0)) of(d, "ROM")))
  } else if (!is.null(d$ai)) out <- lapply(c(RR = "RR", OR = "OR", RD = "RD"), function(m) of(d, m))
  else out <- list()
  lapply(Filter(Negate(is.null), out), function(e) list(yi = many(e$yi), vi = many(e$vi)))
}
told <- function(r) {
  c(list(estimate = c(r$beta)[1], se = r$se[1], statistic = r$zval[1], p = r$pval[1], ci = many(c(r$ci.lb[1], r$ci.ub[1])),
    tau2 = r$tau2, Q = r$QE, Q_p = r$QEp, I2 = r$I2, H2 = r$H2))
}
pooled <- function(yi, vi) {
  methods <- c("EE", "DL", "HE", "HS", "SJ", "REML", "ML", "PM", "EB")
  names(methods) <- methods
  lapply(methods, function(m) {
    r <- fit(yi, vi, m)
    pi <- predict(r)
    out <- c(told(r), list(pi = if (m == "EE") NULL else many(c(pi$pi.lb, pi$pi.ub)), se_tau2 = if (m == "EE") NULL else r$se.tau2))
    if (m %in% c("REML", "DL")) {
      h <- fit(yi, vi, m, test = "knha")
      p <- predict(h); riley <- predict(h, pi.type = "riley")
      ci <- confint(r, control = list(tol = 1e-14, maxiter = 100000, tau2.max = 1e6))$random
      out$knha <- c(told(h), list(pi = many(c(p$pi.lb, p$pi.ub)), pi_riley = many(c(riley$pi.lb, riley$pi.ub))))
      out$tau2_ci <- many(ci[1, 2:3]); out$I2_ci <- many(ci[3, 2:3]); out$H2_ci <- many(ci[4, 2:3])
    }
    out
  })
}
regression <- function(yi, vi, mods, method = "REML", test = "z") {
  r <- fit(yi, vi, method, mods = mods, test = test)
  list(method = method, test = test, beta = many(r$beta), se = many(r$se), p = many(r$pval), low = many(r$ci.lb), high = many(r$ci.ub),
    tau2 = r$tau2, se_tau2 = r$se.tau2, QM = r$QM, QM_p = r$QMp, Q = r$QE, Q_p = r$QEp, I2 = r$I2, H2 = r$H2, R2 = r$R2,
    tau2_ci = many(confint(r, control = list(tol = 1e-14, maxiter = 100000, tau2.max = 1e6))$random[1, 2:3]))
}
bias <- function(d, yi, vi) {
  if (length(yi) < 10) return(NULL)
  r <- fit(yi, vi)
  test <- function(model) { t <- regtest(r, model = model); list(statistic = t$zval, p = t$pval, limit = unname(t$est), ci = many(c(t$ci.lb, t$ci.ub))) }
  rank <- suppressWarnings(ranktest(r))
  fill <- function(estimator) { f <- trimfill(r, estimator = estimator, control = tight("REML"))
    list(k0 = f$k0, side = f$side, se_k0 = f$se.k0, estimate = c(f$beta), se = f$se, tau2 = f$tau2, p_k0 = f$p.k0) }
  out <- list(egger_lm = test("lm"), egger_rma = test("rma"), begg = list(tau = unname(rank$tau), p = rank$pval), L0 = fill("L0"), R0 = fill("R0"))
  if (!is.null(d$n1)) {
    s <- summary(lm(yi ~ sqrt(1 / n1 + 1 / n2), weights = 1 / vi, data = d))$coefficients
    out$pustejovsky <- list(slope = s[2, 1], se = s[2, 2], statistic = s[2, 3], p = s[2, 4])
  }
  out
}
levels3 <- function(d, mods = ~ 1) {
  tightly <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 10000)
  r <- suppressWarnings(rma.mv(yi, vi, mods = mods, random = ~ 1 | cluster/study, data = d, control = tightly))
  say <- function(m) list(beta = many(m$beta), se = many(m$se), p = many(m$pval), low = many(m$ci.lb), high = many(m$ci.ub))
  out <- c(say(r), list(sigma2 = many(r$sigma2), Q = r$QE, Q_p = r$QEp, QM = r$QM, loglik = c(logLik(r))))
  out$CR1 <- say(robust(r, cluster = d$cluster, adjust = TRUE)); out$CR0 <- say(robust(r, cluster = d$cluster, adjust = FALSE))
  if (requireNamespace("clubSandwich", quietly = TRUE)) {
    c2 <- clubSandwich::coef_test(r, cluster = d$cluster, vcov = "CR2")
    out$CR2 <- list(se = many(c2$SE), df = many(c2$df_Satt), p = many(c2$p_Satt))
  }
  flat <- suppressWarnings(rma(yi, vi, mods = mods, data = d, control = tight("REML")))
  out$flat_CR1 <- say(robust(flat, cluster = d$cluster, adjust = TRUE))
  out
}

answers <- list()
for (name in names(measures)) {
  d <- read.csv(file.path(here, "data", paste0(name, ".csv")))
  e <- of(d, measures[[name]]); yi <- c(e$yi); vi <- c(e$vi)
  answers[[name]] <- list(measure = measures[[name]], effects = sizes(d), pooled = pooled(yi, vi), bias = bias(d, yi, vi))
  r <- fit(yi, vi)
  if (name == "bcg") {
    drop <- lapply(seq_along(yi), function(i) fit(yi[-i], vi[-i]))
    answers$bcg$leave_one_out <- list(estimate = many(sapply(drop, function(x) c(x$beta))), tau2 = many(sapply(drop, function(x) x$tau2)))
    groups <- lapply(split(seq_along(yi), d$alloc), function(i) fit(yi[i], vi[i]))
    est <- sapply(groups, function(x) c(x$beta)); se <- sapply(groups, function(x) x$se)
    answers$bcg$subgroups <- list(estimate = as.list(est), se = as.list(se), between = rma(est, sei = se, method = "FE")$QE)
    answers$bcg$mods <- list(ablat = regression(yi, vi, ~ d$ablat), ablat_knha = regression(yi, vi, ~ d$ablat, test = "knha"),
      ablat_year = regression(yi, vi, ~ d$ablat + d$year), alloc = regression(yi, vi, ~ d$alloc),
      DL = regression(yi, vi, ~ d$ablat, "DL"), HE = regression(yi, vi, ~ d$ablat, "HE"), HS = regression(yi, vi, ~ d$ablat, "HS"),
      SJ = regression(yi, vi, ~ d$ablat, "SJ"), ML = regression(yi, vi, ~ d$ablat, "ML"), PM = regression(yi, vi, ~ d$ablat, "PM"),
      EB = regression(yi, vi, ~ d$ablat, "EB"))
  }
  if (name == "raudenbush1985") answers[[name]]$mods <- list(weeks = regression(yi, vi, ~ d$weeks))
  if (name == "bangertdrowns2004") answers[[name]]$mods <- list(length = regression(yi, vi, ~ d$length, test = "knha"))
  if (name == "konstantopoulos2011") answers[[name]]$levels <- list(none = levels3(d), year = levels3(d, ~ year))
  if (name == "assink2016") answers[[name]]$levels <- list(none = levels3(d))
}
writeLines(json(answers), file.path(here, "reference.json"))
