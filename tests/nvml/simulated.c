/* A stand-in for the NVIDIA driver's management library, for tests of doctor/host/nvml.py under the real nvidia-ml-py.
 *
 * It reads the file that TUNEDOC_SIMULATED_NVML names, one `key value` a line:
 *     init 9                 what nvmlInit returns (0 well, 9 driver not loaded, 18 version mismatch)
 *     driver 581.29          version strings
 *     cuda 13000
 *     gpu NAME               begins a card; the lines below belong to it
 *     capability 12 0
 *     memory 16311           MiB
 *     model 0                Windows: 0 WDDM, 1 TCC, 2 MCDM
 *     free 12000             MiB; without it 300 are in use
 *     pcie 5 8 16            highest generation, lanes now, lanes at most
 *     power 180              watts
 *     temperature 41
 *     display 1
 *     process 4711 512 NAME  a program that computes: pid, MiB (-1: not told, as under WDDM), path
 *     fails memory 3         a question of this card that returns an error: handle, name, capability, memory, pci,
 *                            link, power, temperature, display, processes, model
 * A question whose line is missing is answered with 3, not supported.
 * Windows: x86_64-w64-mingw32-gcc -shared -o FOLDER/System32/nvml.dll simulated.c, and WINDIR=FOLDER for the program
 * that asks. (nvidia-ml-py looks into ProgramFiles as well, but Wine gives every program its own ProgramFiles.)
 * Only the entry points that the probe asks for are here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WELL = 0, BAD_ARGUMENT = 2, NOT_FOUND = 6, NOT_LOADED = 9, NOT_SUPPORTED = 3, TOO_SMALL = 7, CARDS = 8, QUESTIONS = 11, PROGRAMS = 4 };

struct card {
    char name[96];
    int major, minor, model, errors[QUESTIONS];
    int generation, width, width_max, watts, celsius, display, programs;
    long long mib, free_mib;
    struct program {
        unsigned pid;
        int mib;
        char path[200];
    } program[PROGRAMS];
};

static const char *const questions[QUESTIONS] = {"handle", "name", "capability", "memory", "pci",
                                                   "link", "power", "temperature", "display", "processes",
                                                   "model"};
static struct card cards[CARDS];
static unsigned count;
static int init_code = NOT_LOADED, cuda = 13000;
static char driver[80] = "580.00";

static void read_settings(void)
{
    char line[256], question[32];
    const char *path = getenv("TUNEDOC_SIMULATED_NVML");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file)
        return;
    init_code = WELL;
    count = 0;
    while (fgets(line, sizeof line, file)) {
        struct card *card = count ? &cards[count - 1] : NULL;
        int number, other;
        line[strcspn(line, "\r\n")] = 0;
        if (sscanf(line, "init %d", &number) == 1)
            init_code = number;
        else if (sscanf(line, "cuda %d", &number) == 1)
            cuda = number;
        else if (strncmp(line, "driver ", 7) == 0)
            snprintf(driver, sizeof driver, "%.79s", line + 7);
        else if (strncmp(line, "gpu ", 4) == 0 && count < CARDS) {
            memset(&cards[count], 0, sizeof cards[count]);
            cards[count].display = cards[count].free_mib = -1;
            snprintf(cards[count++].name, sizeof cards[0].name, "%.95s", line + 4);
        } else if (card && sscanf(line, "capability %d %d", &number, &other) == 2) {
            card->major = number;
            card->minor = other;
        } else if (card && sscanf(line, "memory %d", &number) == 1)
            card->mib = number;
        else if (card && sscanf(line, "free %d", &number) == 1)
            card->free_mib = number;
        else if (card && strncmp(line, "pcie ", 5) == 0)
            sscanf(line, "pcie %d %d %d", &card->generation, &card->width, &card->width_max);
        else if (card && sscanf(line, "power %d", &number) == 1)
            card->watts = number;
        else if (card && sscanf(line, "temperature %d", &number) == 1)
            card->celsius = number;
        else if (card && sscanf(line, "display %d", &number) == 1)
            card->display = number;
        else if (card && card->programs < PROGRAMS && strncmp(line, "process ", 8) == 0) {
            struct program *program = &card->program[card->programs];
            card->programs += sscanf(line, "process %u %d %199[^\n]", &program->pid, &program->mib, program->path) == 3;
        }
        else if (card && sscanf(line, "model %d", &number) == 1)
            card->model = number;
        else if (card && sscanf(line, "fails %31s %d", question, &number) == 2)
            for (int i = 0; i < QUESTIONS; i++)
                if (strcmp(question, questions[i]) == 0)
                    card->errors[i] = number;
    }
    fclose(file);
}

static const char *words_for(int code)
{
    switch (code) {
    case WELL: return "Success";
    case 3: return "Not Supported";
    case NOT_LOADED: return "Driver Not Loaded";
    case 15: return "GPU is lost";
    case 18: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}

int nvmlInitWithFlags(unsigned flags) { (void)flags; read_settings(); return init_code; }
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return WELL; }
const char *nvmlErrorString(int code) { return words_for(code); }
int nvmlSystemGetDriverVersion(char *to, unsigned size) { snprintf(to, size, "%s", driver); return WELL; }
int nvmlSystemGetCudaDriverVersion_v2(int *to) { *to = cuda; return WELL; }
int nvmlDeviceGetCount_v2(unsigned *to) { *to = count; return WELL; }

int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct card **to)
{
    if (index >= count)
        return BAD_ARGUMENT;
    *to = &cards[index];
    return cards[index].errors[0];
}

int nvmlDeviceGetName(struct card *card, char *to, unsigned size)
{
    snprintf(to, size, "%s", card->name);
    return card->errors[1];
}

int nvmlDeviceGetUUID(struct card *card, char *to, unsigned size)
{
    snprintf(to, size, "GPU-%08x-0000-0000-0000-000000000000", (unsigned)(card - cards) + 1);
    return WELL;
}

int nvmlDeviceGetCudaComputeCapability(struct card *card, int *major, int *minor)
{
    *major = card->major;
    *minor = card->minor;
    return card->errors[2];
}

int nvmlDeviceGetMemoryInfo(struct card *card, unsigned long long *to)
{
    to[0] = (unsigned long long)card->mib << 20;             /* total */
    long long unused = card->free_mib < 0 ? card->mib - 300 : card->free_mib;
    to[1] = (unsigned long long)unused << 20;                /* free */
    to[2] = (unsigned long long)(card->mib - unused) << 20;  /* used */
    return card->errors[3];
}

int nvmlDeviceGetDriverModel_v2(struct card *card, int *current, int *pending)
{
    *current = *pending = card->model;
    return card->errors[10];
}

struct pci {
    char legacy_bus[16];
    unsigned domain, bus, device, pci_id, subsystem;
    char bus_id[32];
};

int nvmlDeviceGetPciInfo_v3(struct card *card, struct pci *to)
{
    memset(to, 0, sizeof *to);
    to->bus = (unsigned)(card - cards) + 1;
    snprintf(to->bus_id, sizeof to->bus_id, "00000000:%02X:00.0", to->bus);
    return card->errors[4];
}

static int answer(struct card *card, int question, int known, int value, unsigned *to)
{
    *to = (unsigned)value;
    return card->errors[question] ? card->errors[question] : known ? WELL : NOT_SUPPORTED;
}

int nvmlDeviceGetMaxPcieLinkGeneration(struct card *card, unsigned *to)
{
    return answer(card, 5, card->generation, card->generation, to);
}

int nvmlDeviceGetCurrPcieLinkWidth(struct card *card, unsigned *to)
{
    return answer(card, 5, card->width, card->width, to);
}

int nvmlDeviceGetMaxPcieLinkWidth(struct card *card, unsigned *to)
{
    return answer(card, 5, card->width_max, card->width_max, to);
}

int nvmlDeviceGetEnforcedPowerLimit(struct card *card, unsigned *to)
{
    return answer(card, 6, card->watts, card->watts * 1000, to);
}

int nvmlDeviceGetPowerManagementLimit(struct card *card, unsigned *to)
{
    return nvmlDeviceGetEnforcedPowerLimit(card, to);
}

int nvmlDeviceGetTemperature(struct card *card, int sensor, unsigned *to)
{
    (void)sensor;
    return answer(card, 7, card->celsius, card->celsius, to);
}

int nvmlDeviceGetDisplayMode(struct card *card, unsigned *to)
{
    return answer(card, 8, card->display >= 0, card->display, to);
}

struct running {
    unsigned pid;
    unsigned long long used;
    unsigned gpu_instance, compute_instance;
};

int nvmlDeviceGetComputeRunningProcesses_v3(struct card *card, unsigned *size, struct running *to)
{
    if (card->errors[9])
        return card->errors[9];
    if (*size < (unsigned)card->programs) {
        *size = (unsigned)card->programs;
        return TOO_SMALL;
    }
    *size = (unsigned)card->programs;
    for (int i = 0; i < card->programs; i++) {
        memset(&to[i], 0, sizeof to[i]);
        to[i].pid = card->program[i].pid;
        to[i].used = card->program[i].mib < 0 ? ~0ull : (unsigned long long)card->program[i].mib << 20;
    }
    return WELL;
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(struct card *card, unsigned *size, struct running *to)
{
    (void)card;
    (void)to;
    *size = 0;
    return WELL;
}

int nvmlSystemGetProcessName(unsigned pid, char *to, unsigned size)
{
    for (unsigned c = 0; c < count; c++)
        for (int i = 0; i < cards[c].programs; i++)
            if (cards[c].program[i].pid == pid) {
                snprintf(to, size, "%s", cards[c].program[i].path);
                return WELL;
            }
    return NOT_FOUND;
}
