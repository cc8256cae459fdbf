/* Monthly medians of labelled Sentinel-2 pixels at 15 to 55 degrees north (WorldCereal reference
 * data, MIT licence); crops are mixed from green, soil, straw and water by the calendar of Jiangsu:
 * winter wheat, rice flooded in June. */
#include "pipeline/demo/spectra.h"

#include <string.h>

const em_demo_band em_demo_bands[EM_DEMO_BANDS] = {
    {"B02", "blue", 10, 5200, 420},     {"B03", "green", 10, 5000, 330},
    {"B04", "red", 10, 5000, 260},      {"B05", "rededge1", 20, 5100, 220},
    {"B06", "rededge2", 20, 5300, 180}, {"B07", "rededge3", 20, 5400, 160},
    {"B08", "nir", 10, 5500, 150},      {"B8A", "nir08", 20, 5500, 140},
    {"B11", "swir1", 20, 3300, 60},     {"B12", "swir2", 20, 2400, 40},
};

typedef double year[12][EM_DEMO_BANDS];

static const year bare = {
    {487, 819, 930, 1428, 2042, 2366, 2707, 2497, 2217, 1851},
    {722, 924, 1123, 1494, 2282, 2559, 2649, 2774, 2451, 1820},
    {1036, 1504, 1854, 1919, 2780, 3057, 2992, 3255, 2602, 2159},
    {1190, 1557, 1720, 1951, 2918, 3237, 3494, 3459, 2796, 2181},
    {1344, 1640, 2022, 2144, 2868, 3336, 3456, 3621, 3089, 2538},
    {1330, 1835, 2178, 2314, 2947, 3252, 3411, 3523, 3735, 2714},
    {1336, 1812, 2256, 2423, 2976, 3243, 3232, 3439, 3724, 3000},
    {1244, 1688, 2119, 2336, 2781, 3076, 3076, 3302, 3594, 3012},
    {1222, 1570, 2107, 2232, 2510, 2742, 2853, 2940, 3478, 2795},
    {1099, 1434, 1828, 2066, 2344, 2624, 2620, 2780, 3190, 2536},
    {796, 1037, 1224, 1576, 2088, 2288, 2292, 2426, 2404, 1794},
    {708, 967, 1274, 1395, 2057, 2323, 2238, 2472, 2274, 1720},
};
static const year built = {
    {516, 702, 849, 1179, 1711, 1898, 1982, 2072, 1868, 1413},
    {697, 835, 1100, 1263, 1999, 2156, 2232, 2333, 2109, 1578},
    {696, 1011, 1130, 1437, 2338, 2470, 2719, 2630, 2413, 1838},
    {754, 1081, 1102, 1587, 2356, 2575, 2842, 2790, 2421, 1894},
    {864, 1133, 1312, 1652, 2832, 3278, 3138, 3447, 2556, 1783},
    {894, 1163, 1354, 1600, 2654, 3029, 3012, 3204, 2690, 1966},
    {833, 1112, 1262, 1548, 2635, 2939, 2852, 3075, 2656, 1890},
    {790, 1028, 1065, 1386, 2462, 2846, 2851, 3038, 2396, 1738},
    {756, 1044, 1094, 1403, 2248, 2548, 2584, 2747, 2341, 1686},
    {598, 858, 945, 1148, 2001, 2162, 2356, 2393, 1953, 1397},
    {580, 812, 787, 1145, 1808, 2014, 2072, 2106, 1937, 1476},
    {495, 670, 771, 1074, 1596, 1748, 1875, 1929, 1775, 1259},
};
static const year forest = {
    {343, 482, 665, 949, 1408, 1592, 1672, 1897, 1601, 1172},
    {366, 581, 607, 1017, 1553, 1803, 1826, 2031, 1685, 1109},
    {378, 565, 577, 1095, 1764, 1982, 1944, 2156, 1875, 1204},
    {398, 650, 551, 1130, 2231, 2515, 2710, 2826, 2020, 1212},
    {464, 703, 565, 1295, 2661, 3184, 3106, 3531, 2194, 1361},
    {397, 614, 473, 1126, 2610, 3178, 3254, 3492, 2156, 1155},
    {382, 606, 475, 1038, 2592, 3163, 3130, 3473, 2024, 1076},
    {377, 598, 433, 975, 2314, 2736, 2858, 3064, 1966, 1040},
    {328, 540, 478, 894, 2104, 2551, 2473, 2760, 1900, 1035},
    {348, 529, 555, 997, 1827, 2175, 2208, 2409, 1738, 1014},
    {328, 536, 517, 938, 1573, 1786, 1844, 2088, 1816, 1170},
    {273, 396, 546, 883, 1392, 1572, 1579, 1696, 1586, 1169},
};
static const year grass = {
    {381, 668, 708, 1250, 2168, 2324, 2777, 2672, 2115, 1301},
    {448, 714, 766, 1298, 2164, 2346, 2720, 2694, 2280, 1494},
    {476, 762, 730, 1253, 2424, 2695, 3052, 2949, 2209, 1344},
    {483, 780, 684, 1312, 2668, 3089, 3285, 3296, 2258, 1482},
    {516, 866, 685, 1415, 2934, 3394, 3527, 3677, 2415, 1562},
    {502, 801, 697, 1341, 2821, 3292, 3340, 3615, 2637, 1642},
    {498, 820, 747, 1300, 2475, 2960, 3032, 3317, 2514, 1536},
    {510, 776, 646, 1269, 2606, 2961, 3045, 3302, 2389, 1487},
    {458, 736, 678, 1194, 2496, 2822, 2961, 3146, 2292, 1386},
    {379, 714, 658, 1227, 2110, 2468, 2719, 2696, 2264, 1414},
    {427, 639, 767, 1196, 1960, 2172, 2192, 2418, 2170, 1322},
    {418, 668, 711, 1168, 1771, 2000, 2209, 2298, 1864, 1202},
};
/* April and May are mixed from March and June: the data hold a single pixel of each. */
static const year wetland = {
    {394, 537, 907, 1173, 1255, 1402, 1538, 1582, 1858, 1503},
    {394, 537, 907, 1173, 1255, 1402, 1538, 1582, 1858, 1503},
    {440, 600, 900, 1180, 1330, 1470, 1600, 1650, 2000, 1600},
    {470, 660, 760, 1130, 1800, 2020, 2080, 2130, 1810, 1300},
    {500, 720, 620, 1070, 2270, 2560, 2550, 2620, 1620, 1000},
    {530, 781, 488, 1018, 2739, 3108, 3027, 3100, 1436, 711},
    {401, 732, 359, 1097, 3411, 3968, 3858, 4158, 2032, 938},
    {402, 802, 400, 1238, 3770, 4381, 4272, 4513, 2203, 1035},
    {334, 731, 565, 1306, 3138, 3687, 3637, 4048, 2309, 1178},
    {480, 708, 1054, 1348, 1513, 1747, 1736, 2084, 2757, 1934},
    {266, 450, 844, 1145, 1275, 1452, 1546, 1805, 2576, 1683},
    {330, 490, 875, 1160, 1265, 1430, 1540, 1690, 2220, 1590},
};
/* Clear water of the same source, made turbid by what the labelled water of 15-55 N has more of in
 * the visible; near infrared and beyond stay those of water without plants. */
static const double water[2][EM_DEMO_BANDS] = {
    {560, 820, 780, 760, 420, 430, 380, 340, 140, 90},
    {380, 520, 400, 420, 280, 290, 260, 240, 110, 80},
};
static const double green[EM_DEMO_BANDS] = {360, 680, 380, 1050, 3150, 3900, 3950, 4100, 1950, 950};
static const double soil[EM_DEMO_BANDS] = {780,  1080, 1390, 1650, 1900,
                                           2080, 2180, 2330, 3000, 2450};
static const double straw[EM_DEMO_BANDS] = {700,  1080, 1480, 1900, 2350,
                                            2550, 2700, 2820, 3250, 2350};

/* Shares of green, straw and water in the middle of each month; the rest is soil. */
static const double rice[12][3] = {
    {0.42, 0, 0},    {0.5, 0, 0},  {0.76, 0, 0},   {0.92, 0, 0},  {0.5, 0.45, 0},  {0.05, 0, 0.65},
    {0.62, 0, 0.16}, {0.95, 0, 0}, {0.85, 0.1, 0}, {0.3, 0.6, 0}, {0.08, 0.25, 0}, {0.28, 0, 0},
};
static const double dry[12][3] = {
    {0.28, 0.1, 0}, {0.34, 0, 0}, {0.5, 0, 0},   {0.64, 0, 0},  {0.5, 0.25, 0}, {0.35, 0.1, 0},
    {0.72, 0, 0},   {0.86, 0, 0}, {0.6, 0.2, 0}, {0.4, 0.2, 0}, {0.34, 0.1, 0}, {0.28, 0.1, 0},
};

/* The months on either side of a day, and how far it is from the first. */
static double months_of(double day, int *a, int *b)
{
    double at = day / 30.4375 - 0.5;
    if (at < 0) at += 12;
    *a = (int)at % 12;
    *b = (*a + 1) % 12;
    return at - (double)(int)at;
}

static void from_year(const year table, double day, double out[EM_DEMO_BANDS])
{
    int a = 0;
    int b = 0;
    const double t = months_of(day, &a, &b);
    for (int k = 0; k < EM_DEMO_BANDS; k++) out[k] = table[a][k] * (1 - t) + table[b][k] * t;
}

static void from_crop(const double shares[12][3], double day, double out[EM_DEMO_BANDS])
{
    int a = 0;
    int b = 0;
    double s[3];
    const double t = months_of(day, &a, &b);
    for (int i = 0; i < 3; i++) s[i] = shares[a][i] * (1 - t) + shares[b][i] * t;
    for (int k = 0; k < EM_DEMO_BANDS; k++) {
        out[k] = s[0] * green[k] + s[1] * straw[k] + s[2] * water[0][k] +
                 (1 - s[0] - s[1] - s[2]) * soil[k];
    }
}

/* The labelled "built" pixels hold gardens and trees; streets and roofs are greyer. */
static void from_town(uint8_t kind, double day, double out[EM_DEMO_BANDS])
{
    static const double roof[EM_DEMO_BANDS] = {1150, 1300, 1420, 1560, 1650,
                                               1730, 1820, 1850, 2050, 1950};
    const double grey = kind ? 0.45 : 0.75;
    from_year(built, day, out);
    for (int k = 0; k < EM_DEMO_BANDS; k++) out[k] = grey * roof[k] + (1 - grey) * out[k];
}

static void from_bare(double day, double out[EM_DEMO_BANDS])
{
    from_year(bare, day, out);
    for (int k = 0; k < EM_DEMO_BANDS; k++) out[k] = 0.5 * out[k] + 0.5 * 1.15 * soil[k];
}

void em_demo_spectrum(uint8_t code, uint8_t kind, double day, double out[EM_DEMO_BANDS])
{
    switch (code) {
    case 1:
        from_crop(kind ? dry : rice, day, out);
        break;
    case 2:
        from_year(forest, day, out);
        break;
    case 3:
        from_year(grass, day, out);
        break;
    case 4:
        memcpy(out, water[kind], sizeof water[0]);
        break;
    case 5:
        from_year(wetland, day, out);
        break;
    case 6:
        from_town(kind, day, out);
        break;
    default:
        from_bare(day, out);
        break;
    }
}
